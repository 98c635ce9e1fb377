// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;

namespace Beffroi.Sip.EventPackages;

/// <summary>How long subscriptions last and how many there may be.</summary>
public sealed class NotifierOptions
{
    /// <summary>Shorter wishes are refused with 423. At most one hour (RFC 6665 §4.2.1.1). Default: 60 s.</summary>
    public TimeSpan MinExpires { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longer wishes are shortened. Default: one hour.</summary>
    public TimeSpan MaxExpires { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Subscriptions of one subscriber: the lamps of a receptionist's set and its side-cars. Default: 250.</summary>
    [Range(1, 10_000)]
    public int MostPerSubscriber { get; set; } = 250;

    /// <summary>Subscriptions in all. Default: 100,000.</summary>
    [Range(1, 10_000_000)]
    public int Most { get; set; } = 100_000;
}
