# SPDX-License-Identifier: EUPL-1.2
# A carillon of six bells as raw 16-bit samples: plain hunt, the first method that ringers learn. Each row swaps neighbours, pairs 1-2 3-4 5-6 and 2-3 4-5 in turn,
# and after twelve rows the bells stand as at the beginning, so that the piece has no end. What rings beyond it is folded onto its start: the loop has no seam.
# Partials of a bell tuned in the Flemish manner, relative to the prime: hum, prime, tierce (a minor third), quint, nominal, superquint, octave nominal.
function strike(at, prime, loud,    p, i, n, step, k, s0, s1, s2, decay, gain) {
    for (p = 1; p <= 7; p++) {
        if (prime * ratio[p] > rate * 0.45) continue
        n = int(rate * ring[p] * 3)
        step = 6.283185307 * prime * ratio[p] / rate
        decay = exp(-1 / (rate * ring[p] / 2.3))              # to a tenth in ring[p] seconds
        k = 2 * decay * cos(step)                             # a damped sine by recurrence: two products a sample
        gain = loud * level[p]
        s2 = 0; s1 = gain * decay * sin(step)
        for (i = 1; i < n; i++) {
            sample[(at + i) % total] += s1
            s0 = k * s1 - decay * decay * s2
            s2 = s1; s1 = s0
        }
    }
}
BEGIN {
    split("0.5 1 1.2 1.5 2 3 4.05", ratio, " ")
    split("0.35 0.8 0.7 0.25 0.9 0.25 0.12", level, " ")
    split("3.5 2.2 1.6 1.0 1.3 0.6 0.3", ring, " ")
    split("784 698.5 587.3 523.3 466.2 392", bell, " ")      # G F D C B flat G: no leading note, calm to wait by
    beats = 12 * 6 + 6                                        # a rest of half a beat after each row, as ringers do at the backstroke
    beat = int(rate * 0.44)
    total = beats * beat
    for (i = 0; i < total; i++) sample[i] = 0
    for (i = 1; i <= 6; i++) row[i] = i
    at = 0
    for (r = 0; r < 12; r++) {
        for (i = 1; i <= 6; i++) {
            strike(at, bell[row[i]], (i == 1 ? 1 : 0.8))
            at += beat
        }
        at += int(beat / 2)
        for (i = (r % 2) + 1; i < 6; i += 2) { swap = row[i]; row[i] = row[i + 1]; row[i + 1] = swap }
    }
    peak = 0
    for (i = 0; i < total; i++) { a = sample[i] < 0 ? -sample[i] : sample[i]; if (a > peak) peak = a }
    for (i = 0; i < total; i++) {
        v = int(sample[i] / peak * 11000)                     # some 9 dB under full scale: music lies below speech
        if (v < 0) v += 65536
        printf "%c%c", v % 256, int(v / 256)
    }
}
