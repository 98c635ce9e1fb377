// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;

namespace Beffroi.Sip.EventPackages;

/// <summary>The as-feature-event package: do not disturb and forwardings are the same on the server and on the keys of every telephone of the line.</summary>
/// <remarks>
/// Written down in "BroadWorks Device Feature Key Synchronization, Feature Description" (BroadSoft, 11-BD5196-00), and spoken so by desk phones of Yealink, Snom, Cisco, Poly and others.
/// A SUBSCRIBE without body subscribes, or refreshes and gets the whole state; one with a SetDoNotDisturb or a SetForwarding in its body also changes the state. NOTIFYs hold a
/// DoNotDisturbEvent or a ForwardingEvent; several at once are parts of a multipart/mixed for subscribers whose Accept names it, and one NOTIFY after the other for the rest
/// (a fetch of theirs, with Expires 0, gets do not disturb alone). What a body asks for is never refused in the response: a NOTIFY with the old state puts the key's lamp right.
/// Deviation: RFC 6665 §4.1.2.1, §5.4.2: the body of a SUBSCRIBE is a filter there, and changes nothing; the NOTIFY comes at once there, and here once the wish is dealt with.
/// Threading: any thread; the functions given must be too.
/// </remarks>
/// <param name="stateOf">The keys of a resource; null where there is none.</param>
/// <param name="change">Carries out a wish, as <see cref="IChangeablePackage.Change"/>.</param>
/// <param name="mayKeep">Whether this subscriber may see and change this resource.</param>
/// <param name="proves">As <see cref="IChangeablePackage.Proves"/>.</param>
public sealed class FeatureKeyPackage(
    Func<string, FeatureKeyState?> stateOf, Action<SubscriptionView, FeatureKeyWish, Action> change, Func<string, string, bool> mayKeep, Func<ServerTransaction, string, bool> proves) : IChangeablePackage
{
    public const string PackageName = "as-feature-event";

    private const string Boundary = "beffroi-feature-keys";
    private const int Parts = 4;

    public string Name => PackageName;

    public string ContentType => "application/x-as-feature-event+xml";

    public TimeSpan DefaultExpires => TimeSpan.FromHours(1);

    public TimeSpan MinInterval => TimeSpan.FromSeconds(1);

    public int Authorize(string subscriber, string resource) =>
        !mayKeep(subscriber, resource) ? SipStatus.Forbidden : stateOf(resource) is null ? SipStatus.NotFound : SipStatus.Ok;

    public int Read(SipMessage subscribe, out object? wish)
    {
        ArgumentNullException.ThrowIfNull(subscribe);
        wish = null;
        if (!subscribe.HasToken(SipHeaderName.ContentType, ContentType)) return SipStatus.UnsupportedMediaType;
        if (!FeatureKeyXml.TryRead(subscribe.Body, out var read)) return SipStatus.BadRequest;
        wish = read;
        return SipStatus.Ok;
    }

    public bool Proves(ServerTransaction transaction, string subscriber) => proves(transaction, subscriber);

    public void Change(SubscriptionView subscription, object wish, Action done) => change(subscription, (FeatureKeyWish)wish, done);

    public ReadOnlyMemory<byte> Write(SubscriptionView subscription)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        if (stateOf(subscription.Resource) is not { } state) return default;
        var now = new[]
        {
            FeatureKeyXml.DoNotDisturb(state), FeatureKeyXml.Forwarding(state, state.Immediate), FeatureKeyXml.Forwarding(state, state.Busy), FeatureKeyXml.Forwarding(state, state.NoAnswer),
        };
        var told = subscription.Memory as string?[];
        if (told is null || subscription.IsFull) subscription.Memory = told = new string?[Parts];
        foreach (var answered in subscription.Answers) told[PartOf((FeatureKeyWish)answered)] = null;          // said again even where nothing has changed
        int[] due = [.. Enumerable.Range(0, Parts).Where(part => told[part] != now[part])];
        if (due.Length == 0) return default;
        if (due.Length > 1 && subscription.AcceptsMultipart)
        {
            now.CopyTo(told, 0);
            subscription.ContentType = "multipart/mixed;boundary=" + Boundary;
            return Together(due.Select(part => now[part]));
        }
        told[due[0]] = now[due[0]];
        subscription.HasMore = due.Length > 1;
        return Encoding.UTF8.GetBytes(now[due[0]]);
    }

    /// <summary>RFC 2046 §5.1.</summary>
    private byte[] Together(IEnumerable<string> parts)
    {
        var body = new StringBuilder(1600);
        foreach (var part in parts)
            body.Append("--" + Boundary + "\r\nContent-Type: ").Append(ContentType).Append("\r\nContent-Length: ").Append(Encoding.UTF8.GetByteCount(part)).Append("\r\n\r\n").Append(part).Append("\r\n");
        return Encoding.UTF8.GetBytes(body.Append("--" + Boundary + "--\r\n").ToString());
    }

    private static int PartOf(FeatureKeyWish wish) => wish is FeatureKeyWish.Forward forward ? 1 + (int)forward.Kind : 0;
}
