// SPDX-License-Identifier: EUPL-1.2
using System.ComponentModel.DataAnnotations;

namespace Beffroi.Sip.UserAgent;

/// <summary>How long registrations last and how many a person may have.</summary>
public sealed class RegistrarOptions
{
    /// <summary>For a REGISTER that names no time. Default: one hour.</summary>
    public TimeSpan DefaultExpires { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Shorter wishes are refused with 423. At most one hour (RFC 3261 §10.3). Default: 60 s.</summary>
    public TimeSpan MinExpires { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longer wishes are shortened. Default: one hour.</summary>
    public TimeSpan MaxExpires { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Bindings of one address-of-record. Default: 10.</summary>
    [Range(1, 100)]
    public int MostBindings { get; set; } = 10;
}
