// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Sip.EventPackages;

/// <summary>What an event package adds to RFC 6665: its name, who may watch what, and the state as a body.</summary>
/// <remarks>Threading: any thread, no lock is held; in memory, no wait.</remarks>
public interface IEventPackage
{
    /// <summary>The event type, as in the Event header: "dialog".</summary>
    string Name { get; }

    /// <summary>The type of its bodies: "application/dialog-info+xml".</summary>
    string ContentType { get; }

    /// <summary>For a SUBSCRIBE that names no time.</summary>
    TimeSpan DefaultExpires { get; }

    /// <summary>Shortest time between two NOTIFYs of one subscription; changes in between become one.</summary>
    TimeSpan MinInterval { get; }

    /// <summary>200, or the status of the refusal: 403, 404.</summary>
    /// <param name="subscriber">Who asks, as authenticated.</param>
    int Authorize(string subscriber, string resource);

    /// <summary>The state of a resource now, for one subscription. Nothing: there is no news, and unless the whole state is due no NOTIFY goes out.</summary>
    ReadOnlyMemory<byte> Write(SubscriptionView subscription);
}

/// <summary>What a package may know of the subscription it writes for. Only one body is written for it at a time.</summary>
public sealed class SubscriptionView
{
    public required string Subscriber { get; init; }

    public required string Resource { get; init; }

    /// <summary>The URI that was subscribed to.</summary>
    public required string Entity { get; init; }

    /// <summary>0 in the first NOTIFY, one more in each further one.</summary>
    public uint Version { get; internal set; }

    /// <summary>The whole state is due: the first NOTIFY, and those that answer a refresh.</summary>
    public bool IsFull { get; internal set; } = true;

    /// <summary>The subscriber reads bodies of several parts: multipart/mixed stood in its Accept header.</summary>
    public bool AcceptsMultipart { get; init; }

    /// <summary>The wishes of the subscriber that were dealt with since the last body: see <see cref="IChangeablePackage"/>.</summary>
    public IReadOnlyList<object> Answers { get; internal set; } = [];

    /// <summary>For the package: what it sent last.</summary>
    public object? Memory { get; set; }

    /// <summary>For the package: the type of the body it writes now, where that is not its usual one.</summary>
    public string? ContentType { get; set; }

    /// <summary>For the package: one body does not hold it all, and another NOTIFY follows at once.</summary>
    public bool HasMore { get; set; }
}
