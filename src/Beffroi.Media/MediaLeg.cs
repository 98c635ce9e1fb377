// SPDX-License-Identifier: EUPL-1.2
using System.Net;
using Beffroi.Media.Codecs;

namespace Beffroi.Media;

/// <summary>One party's media.</summary>
public sealed class MediaLeg
{
    internal MediaLeg(IPEndPoint local) => _local = local;
    private readonly IPEndPoint _local;

    /// <summary>Whatever the owner wants to find again in a callback.</summary>
    public object? Owner { get; set; }

    public IPEndPoint LocalRtp(int stream = 0) => _local;
    public IPEndPoint LocalRtcp(int stream = 0) => _local;
    public bool TryAddStream(out int stream) { stream = 0; return Owner is null; }
    public void Apply(MediaLegParameters parameters) => Owner ??= parameters;
    public void Bridge(MediaLeg other) => Owner ??= other;
    public void Unbridge() => Owner ??= this;
    public void Play(AudioClip clip, PlayOptions options) => Owner ??= clip;
    public void StopPlaying() => Owner ??= this;
    public void Record(RecordingOptions options) => Owner ??= options;
    public void StopRecording() => Owner ??= this;
    public void SendDigits(string digits, int milliseconds = 100, int gapMilliseconds = 100) => Owner ??= digits;
    public void SetHold(bool held) => Owner ??= held;
    public MediaLegStatistics Statistics => MediaLegStatistics.Empty with { Codec = Owner?.ToString() };
    public void Close() => Owner ??= this;
}
