// SPDX-License-Identifier: EUPL-1.2
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Media.Codecs;

/// <summary>The codecs in which we make and understand sound ourselves; every other passes through untouched.</summary>
public static class AudioCodecs
{
    public const string Pcma = "PCMA";
    public const string Pcmu = "PCMU";
    public const string G722Name = "G722";

    /// <summary>Encoding names that work here.</summary>
    public static ImmutableArray<string> Encodings { get; } = G722.IsAvailable ? [Pcma, Pcmu, G722Name] : [Pcma, Pcmu];

    /// <summary>True when <paramref name="encoding"/> can be decoded and encoded here.</summary>
    public static bool IsKnown(string encoding) => Is(encoding, Pcma) || Is(encoding, Pcmu) || (Is(encoding, G722Name) && G722.IsAvailable);

    private static readonly RtpFormat PcmaFormat = new(8, Pcma, 8000), PcmuFormat = new(0, Pcmu, 8000), G722Format = new(9, G722Name, 8000);

    /// <summary>One of <see cref="Encodings"/> as RFC 3551 §6 numbers it.</summary>
    public static RtpFormat Format(string encoding) =>
        Is(encoding, Pcma) ? PcmaFormat
        : Is(encoding, Pcmu) ? PcmuFormat
        : Is(encoding, G722Name) ? G722Format
        : throw new ArgumentException($"{encoding} is none of our codecs.", nameof(encoding));

    /// <summary>True when this very format is one of ours: mono at the clock that RFC 3551 gives it.</summary>
    public static bool CanTranscode(RtpFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        return format.ClockRate == 8000 && format.Channels == 1 && IsKnown(format.Encoding);
    }

    /// <summary>A decoder for <paramref name="format"/>; false when it is not one of ours.</summary>
    public static bool TryCreateDecoder(RtpFormat format, [NotNullWhen(true)] out IAudioDecoder? decoder)
    {
        decoder = null;
        return CanTranscode(format) && TryCreateDecoder(format.Encoding, out decoder);
    }

    /// <summary>An encoder for <paramref name="format"/>; false when it is not one of ours.</summary>
    public static bool TryCreateEncoder(RtpFormat format, [NotNullWhen(true)] out IAudioEncoder? encoder)
    {
        encoder = null;
        return CanTranscode(format) && TryCreateEncoder(format.Encoding, out encoder);
    }

    /// <summary>A decoder for <paramref name="encoding"/>; false when it is not known here.</summary>
    public static bool TryCreateDecoder(string encoding, [NotNullWhen(true)] out IAudioDecoder? decoder)
    {
        decoder = !IsKnown(encoding) ? null
            : Is(encoding, Pcma) ? new G711Decoder(aLaw: true)
            : Is(encoding, Pcmu) ? new G711Decoder(aLaw: false)
            : new G722Decoder();
        return decoder is not null;
    }

    /// <summary>An encoder for <paramref name="encoding"/>; false when it is not known here.</summary>
    public static bool TryCreateEncoder(string encoding, [NotNullWhen(true)] out IAudioEncoder? encoder)
    {
        encoder = !IsKnown(encoding) ? null
            : Is(encoding, Pcma) ? new G711Encoder(aLaw: true)
            : Is(encoding, Pcmu) ? new G711Encoder(aLaw: false)
            : new G722Encoder();
        return encoder is not null;
    }

    private static bool Is(string encoding, string name) => encoding.Equals(name, StringComparison.OrdinalIgnoreCase);
}
