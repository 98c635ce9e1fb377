// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Media.Streams;

/// <summary>Digits to send, with the length of each and of the pause behind it.</summary>
internal sealed record DigitRow(string Digits, int ToneMs, int GapMs);
