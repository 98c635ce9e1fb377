// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Sip.Dialogs;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transactions;
using Beffroi.Sip.UserAgent;

namespace Beffroi.Sip.EventPackages;

/// <summary>The notifier of RFC 6665 §4.2: keeps subscriptions, each in its own dialog, and sends their NOTIFYs.</summary>
/// <remarks>
/// The core hands it a SUBSCRIBE outside any dialog once it has authenticated the sender; the rest, refreshes too, it does itself.
/// Threading: any thread. One small lock for the tables, one per subscription; under neither is anything sent or written.
/// </remarks>
public sealed class Notifier
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Package, string Resource), List<Subscription>> _byResource = [];
    private readonly Dictionary<string, int> _bySubscriber = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IEventPackage> _packages;
    private readonly string _allowEvents;
    private readonly TimeProvider _time;
    private readonly long _start;
    private int _count;
    private long _sent;
    private long _failed;

    public Notifier(SipStack stack, TimeProvider time, NotifierOptions options, params IEnumerable<IEventPackage> packages)
    {
        ArgumentNullException.ThrowIfNull(stack);
        ArgumentNullException.ThrowIfNull(time);
        Stack = stack;
        _time = time;
        _start = time.GetTimestamp();
        Options = options;
        _packages = packages.ToDictionary(package => package.Name, StringComparer.OrdinalIgnoreCase);      // RFC 6665 §8.2.1: tokens are compared without case here
        _allowEvents = string.Join(", ", _packages.Keys.Order(StringComparer.Ordinal));
    }

    /// <summary>Subscriptions now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>NOTIFYs sent, and those that no 2xx answered.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>The value of an Allow-Events header.</summary>
    public string AllowEvents => _allowEvents;

    internal SipStack Stack { get; }

    /// <summary>Monotonic: a clock that is set ends no subscription.</summary>
    internal TimeSpan Now => _time.GetElapsedTime(_start);

    internal NotifierOptions Options { get; }

    /// <summary>True if the Event header of a SUBSCRIBE names a package of ours.</summary>
    public bool Knows(SipMessage subscribe)
    {
        ArgumentNullException.ThrowIfNull(subscribe);
        return EventHeader.TryRead(subscribe, out var name, out _) && _packages.ContainsKey(name);
    }

    /// <summary>Answers a SUBSCRIBE outside any dialog, and sends the first NOTIFY if it is accepted.</summary>
    /// <param name="subscriber">Who asks, as authenticated.</param>
    /// <param name="resource">What is asked for, in the server's own words: an extension.</param>
    public void Subscribe(ServerTransaction transaction, string subscriber, string resource)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var request = transaction.Request;
        if (!EventHeader.TryRead(request, out var name, out var id) || !_packages.TryGetValue(name, out var package))
        {
            transaction.Respond(SipStatus.BadEvent, null, [new SipHeader(SipHeaderName.AllowEvents, _allowEvents)]);
            return;
        }
        if (!Accepts(request, package.ContentType))
        {
            transaction.Respond(SipStatus.NotAcceptable, null, [new SipHeader(SipHeaderName.Accept, package.ContentType)]);
            return;
        }
        if (!request.TryAddresses(SipHeaderName.Contact, out var contacts) || contacts.Count != 1 || contacts[0].Uri is null)
        {
            transaction.Respond(SipStatus.BadRequest, "One Contact Is Needed");
            return;
        }
        if (!TryExpires(transaction, package, out var expires)) return;
        if (package.Authorize(subscriber, resource) is var verdict and not SipStatus.Ok)
        {
            transaction.Respond(verdict);
            return;
        }
        if (TryWish(transaction, package, out var wish)) Open(transaction, package, id, subscriber, resource, expires, wish);
    }

    /// <summary>The state of a resource has changed: its watchers are told soon, at most as often as the package allows. Only marks them: cheap, from any thread.</summary>
    public void Changed(string package, string resource)
    {
        foreach (var subscription in Watching(package, resource)) subscription.Touch();
    }

    /// <summary>Ends the subscriptions of whoever may not watch any more: <see cref="IEventPackage.Authorize"/> refuses now.</summary>
    public void Review()
    {
        Subscription[] all;
        lock (_lock) all = [.. _byResource.Values.SelectMany(list => list)];
        foreach (var subscription in all)
            if (subscription.Package.Authorize(subscription.View.Subscriber, subscription.View.Resource) != SipStatus.Ok)
                subscription.End("rejected");
    }

    private Subscription[] Watching(string package, string resource)
    {
        lock (_lock) return _byResource.TryGetValue((package, resource), out var list) ? [.. list] : [];
    }

    /// <summary>What a SUBSCRIBE wishes to change: null without a body, and for packages that change nothing. False when it was refused.</summary>
    internal static bool TryWish(ServerTransaction transaction, IEventPackage package, out object? wish)
    {
        wish = null;
        if (package is not IChangeablePackage changeable || transaction.Request.Body.IsEmpty || changeable.Read(transaction.Request, out wish) is not (var status and not SipStatus.Ok)) return true;
        SipHeader[] accept = status == SipStatus.UnsupportedMediaType ? [new SipHeader(SipHeaderName.Accept, package.ContentType)] : [];
        transaction.Respond(status, null, accept);
        return false;
    }

    private void Open(ServerTransaction transaction, IEventPackage package, string? id, string subscriber, string resource, TimeSpan expires, object? wish)
    {
        var request = transaction.Request;
        var view = new SubscriptionView
        {
            Subscriber = subscriber,
            Resource = resource,
            Entity = request.RequestUri?.WithoutParameters().Reveal() ?? resource,
            AcceptsMultipart = request.HasToken(SipHeaderName.Accept, "multipart/mixed"),
        };
        var subscription = new Subscription(this, package, id, view);
        if (!TryAdd(subscription))
        {
            transaction.Respond(SipStatus.Forbidden, "Too Many Subscriptions");
            return;
        }
        subscription.Start(SipDialog.CreateUas(Stack, transaction, subscription), transaction, expires, wish);
    }

    /// <summary>RFC 6665 §4.2.1.1: the wish, the default, the limits. False when it was refused with 423.</summary>
    internal bool TryExpires(ServerTransaction transaction, IEventPackage package, out TimeSpan expires)
    {
        expires = transaction.Request.Number(SipHeaderName.Expires) is { } seconds ? TimeSpan.FromSeconds(seconds) : package.DefaultExpires;
        if (expires > Options.MaxExpires) expires = Options.MaxExpires;
        if (expires == TimeSpan.Zero || expires >= Options.MinExpires) return true;
        transaction.Respond(SipStatus.IntervalTooBrief, null, [new SipHeader(SipHeaderName.MinExpires, Seconds(Options.MinExpires))]);
        return false;
    }

    internal static string Seconds(TimeSpan time) => ((long)Math.Ceiling(time.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    private static bool Accepts(SipMessage request, string type) =>
        !request.Has(SipHeaderName.Accept) || request.HasToken(SipHeaderName.Accept, type) || request.HasToken(SipHeaderName.Accept, "*/*")
        || request.HasToken(SipHeaderName.Accept, type[..(type.IndexOf('/', StringComparison.Ordinal) + 1)] + "*");

    private bool TryAdd(Subscription subscription)
    {
        var (key, subscriber) = (Key(subscription), subscription.View.Subscriber);
        lock (_lock)
        {
            var theirs = _bySubscriber.GetValueOrDefault(subscriber);
            if (_count >= Options.Most || theirs >= Options.MostPerSubscriber) return false;
            if (!_byResource.TryGetValue(key, out var list)) _byResource.Add(key, list = []);
            list.Add(subscription);
            _bySubscriber[subscriber] = theirs + 1;
            _count++;
            return true;
        }
    }

    internal void Remove(Subscription subscription)
    {
        var (key, subscriber) = (Key(subscription), subscription.View.Subscriber);
        lock (_lock)
        {
            if (!_byResource.TryGetValue(key, out var list) || !list.Remove(subscription)) return;
            if (list.Count == 0) _byResource.Remove(key);
            var theirs = _bySubscriber[subscriber] - 1;
            if (theirs == 0) _bySubscriber.Remove(subscriber);
            else _bySubscriber[subscriber] = theirs;
            _count--;
        }
    }

    private static (string, string) Key(Subscription subscription) => (subscription.Package.Name, subscription.View.Resource);

    internal void CountSent() => Interlocked.Increment(ref _sent);

    internal void CountFailed() => Interlocked.Increment(ref _failed);
}
