// SPDX-License-Identifier: EUPL-1.2
using Beffroi.Media.Codecs;

namespace Beffroi.Media.Streams;

internal sealed partial class MediaStream
{
    private Recording? _recording;

    internal void Record(RecordingOptions options)
    {
        StopRecording(RecordingEnd.Stopped);
        var format = _parameters?.Formats.FirstOrDefault(AudioCodecs.CanTranscode);
        if (format is null || !AudioCodecs.TryCreateDecoder(format, out var decoder))
        {
            Leg.Listener.OnRecordingFinished(Leg, new RecordingResult(options.Path, RecordingEnd.NoCodec, TimeSpan.Zero, 0, null, TimeSpan.Zero, null));
            return;
        }
        _recording = new Recording(Leg, options, decoder.SampleRate, _shared, Carrier.Now);
        decoder.Dispose();
        Carrier.Counters.Recording++;
    }

    internal void StopRecording(RecordingEnd end, char? key = null)
    {
        if (_recording is not { } recording) return;
        _recording = null;
        Carrier.Counters.Recording--;
        recording.Finish(end, key);
    }

    private void TellRecorded(RecordingEnd? end)
    {
        if (end is { } reason) StopRecording(reason);
    }
}
