// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media;

public enum DigitSource : byte { Rfc4733, InBand }

/// <summary>What a leg tells its owner.</summary>
/// <remarks>Threading: called on a thread of the engine, which carries other calls: enqueue and return. One at a time and in order per leg, except
/// <see cref="OnRecordingFinished"/>, which comes from the engine's file thread.</remarks>
public interface IMediaLegListener
{
    /// <summary>One press of a key: 0-9, *, #, A-D. Told once, at its first packet or after 40 ms of tone.</summary>
    void OnDigit(MediaLeg leg, char digit, DigitSource source);

    /// <summary>Exactly once for each Play: at its end, when stopped, replaced, or the leg closed.</summary>
    void OnPlayFinished(MediaLeg leg, long token);

    /// <summary>Exactly once for each <see cref="MediaLeg.Record"/>, when its file is closed.</summary>
    void OnRecordingFinished(MediaLeg leg, RecordingResult result);

    /// <summary>No RTP and no RTCP for <see cref="MediaOptions.MediaTimeout"/> though both sides send and receive. Once per silence.</summary>
    void OnMediaTimeout(MediaLeg leg);

    /// <summary>The first valid RTP packet of the leg's first stream.</summary>
    void OnFirstPacket(MediaLeg leg);

    /// <summary><see cref="MediaLeg.SendDigits"/> found neither telephone-event nor a codec to put tones in: the owner may use SIP INFO.</summary>
    void OnDigitsNotSendable(MediaLeg leg, string digits) { }
}
