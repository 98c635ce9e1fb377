// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Transport;

namespace Beffroi.Sip.UserAgent;

/// <summary>RFC 3261 §10.3, steps 6 to 8, as a function: bindings and a REGISTER give new bindings and an answer. With Path (RFC 3327) and instance and reg-id (RFC 5626 §6).</summary>
/// <remarks>The caller has authenticated the sender and chosen the address-of-record. Threading: pure; whoever owns the bindings calls it under their lock.</remarks>
public static class Registrar
{
    private const int LongestUserAgent = 128;

    /// <summary>The address-of-record a REGISTER is about: To without parameters and headers (§10.3 step 5); null if it is no sip or sips URI (answer 404).</summary>
    public static SipUri? AddressOfRecord(SipMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.To.Uri is { IsTel: false } uri ? uri.WithoutHeaders().WithoutParameters() : null;
    }

    /// <summary>Applies <paramref name="request"/> to <paramref name="current"/>, all of it or nothing.</summary>
    /// <param name="flow">Where the request came from; kept in the bindings.</param>
    public static RegistrarOutcome Apply(IReadOnlyList<Binding> current, SipMessage request, SipFlow? flow, DateTimeOffset now, RegistrarOptions options)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(options);
        var alive = new List<Binding>(current.Count + 1);
        foreach (var binding in current)
            if (binding.Expires > now)
                alive.Add(binding);
        if (!request.TryAddresses(SipHeaderName.Contact, out var contacts)) return Refuse(current, SipStatus.BadRequest, "Malformed Contact");
        if (!request.TryAddresses(SipHeaderName.Path, out var path) || path.Any(hop => hop.Uri is null)) return Refuse(current, SipStatus.BadRequest, "Malformed Path");
        foreach (var contact in contacts)
            if (contact.IsWildcard)
                return RemoveAll(current, alive, request, contacts.Count, now);

        var work = new Work(request, flow, path, now, options, alive, contacts);
        foreach (var contact in contacts)
            if (work.Take(contact) is { } refusal)
                return refusal with { Bindings = current };
        return Accept(alive, work.Changes, request, path, now, work.IsOutbound);
    }

    // §10.2.2: "*" stands alone and with Expires: 0.
    private static RegistrarOutcome RemoveAll(IReadOnlyList<Binding> current, List<Binding> alive, SipMessage request, int contacts, DateTimeOffset now)
    {
        if (contacts != 1 || request.Number(SipHeaderName.Expires) != 0) return Refuse(current, SipStatus.BadRequest, "Misplaced Wildcard Contact");
        if (alive.Exists(binding => IsLate(binding, request))) return Refuse(current, SipStatus.ServerInternalError, "CSeq Out of Order");
        return Accept([], alive.ConvertAll(binding => new BindingChange(BindingChangeKind.Removed, binding)), request, [], now, isOutbound: false);
    }

    /// <summary>§10.3 step 7: within one Call-ID the CSeq must grow.</summary>
    private static bool IsLate(Binding binding, SipMessage request) => binding.CSeq >= request.CSeqNumber && string.Equals(binding.CallId, request.CallId, StringComparison.Ordinal);

    private static RegistrarOutcome Refuse(IReadOnlyList<Binding> current, int status, string? reason, params SipHeader[] headers) => new(status, reason, current, [], headers);

    private static RegistrarOutcome Accept(
        List<Binding> bindings, IReadOnlyList<BindingChange> changes, SipMessage request, IReadOnlyList<NameAddress> path, DateTimeOffset now, bool isOutbound)
    {
        var headers = new List<SipHeader>(bindings.Count + path.Count + 2);
        foreach (var binding in bindings) headers.Add(new SipHeader(SipHeaderName.Contact, binding.ToContact(now)));
        if (path.Count > 0 && request.HasToken(SipHeaderName.Supported, "path"))
            foreach (var hop in path) headers.Add(new SipHeader(SipHeaderName.Path, hop.Reveal()));
        if (isOutbound) headers.Add(new SipHeader(SipHeaderName.Require, "outbound"));
        headers.Add(new SipHeader(SipHeaderName.Date, now.ToString("r", CultureInfo.InvariantCulture)));     // many telephones set their clock by it
        return new RegistrarOutcome(SipStatus.Ok, null, bindings, changes, headers);
    }

    /// <summary>One REGISTER on its way through its contacts; <c>alive</c> becomes the new bindings.</summary>
    private sealed class Work(
        SipMessage request, SipFlow? flow, IReadOnlyList<NameAddress> path, DateTimeOffset now, RegistrarOptions options, List<Binding> alive, IReadOnlyList<NameAddress> contacts)
    {
        private readonly bool _wantsOutbound = request.HasToken(SipHeaderName.Supported, "outbound");

        public List<BindingChange> Changes { get; } = new(contacts.Count);
        public bool IsOutbound { get; private set; }

        /// <summary>Null when the contact was worked in.</summary>
        public RegistrarOutcome? Take(NameAddress contact)
        {
            if (contact.Uri is not { IsTel: false } uri) return Refuse(alive, SipStatus.BadRequest, "Contact Is No SIP URI");
            if (!TryQ(contact.Parameter("q"), out var q)) return Refuse(alive, SipStatus.BadRequest, "Malformed q");
            var instance = contact.Parameter("+sip.instance") is { Length: > 0 and <= 256 } id ? id : null;
            if (!TryRegId(contact, instance, out var regId)) return Refuse(alive, SipStatus.BadRequest, "Malformed reg-id");
            if (regId > 0 && LacksOutbound()) return Refuse(alive, SipStatus.FirstHopLacksOutboundSupport, null);
            IsOutbound |= regId > 0;

            var at = alive.FindIndex(one => Matches(one, uri, instance, regId));
            if (at >= 0 && IsLate(alive[at], request)) return Refuse(alive, SipStatus.ServerInternalError, "CSeq Out of Order");
            var seconds = Seconds(contact);
            if (seconds == 0) return Remove(at);
            if (seconds < options.MinExpires.TotalSeconds)
                return Refuse(alive, SipStatus.IntervalTooBrief, null, new SipHeader(SipHeaderName.MinExpires, ((int)options.MinExpires.TotalSeconds).ToString(CultureInfo.InvariantCulture)));
            if (at < 0 && alive.Count >= options.MostBindings) return Refuse(alive, SipStatus.Forbidden, "Too Many Bindings");
            Keep(at, uri, q, instance, regId, now.AddSeconds(Math.Min(seconds, options.MaxExpires.TotalSeconds)));
            return null;
        }

        private RegistrarOutcome? Remove(int at)
        {
            if (at < 0) return null;
            Changes.Add(new BindingChange(BindingChangeKind.Removed, alive[at]));
            alive.RemoveAt(at);
            return null;
        }

        // What is equal to the former binding is kept as the same object: a storm of refreshes leaves no garbage behind.
        private void Keep(int at, SipUri uri, ushort q, string? instance, int regId, DateTimeOffset expires)
        {
            var former = at < 0 ? null : alive[at];
            var agent = request.Text(SipHeaderName.UserAgent);
            if (agent is { Length: > LongestUserAgent }) agent = agent[..LongestUserAgent];
            var binding = new Binding
            {
                Contact = former is not null && former.Contact.Reveal() == uri.Reveal() ? former.Contact : uri,
                CallId = former is not null && former.CallId == request.CallId ? former.CallId : request.CallId,
                CSeq = request.CSeqNumber,
                Expires = expires,
                Q = q,
                InstanceId = former is not null && former.InstanceId == instance ? former.InstanceId : instance,
                RegId = regId,
                Path = path,
                UserAgent = former is not null && former.UserAgent == agent ? former.UserAgent : agent,
                Source = flow is null ? null : former?.Source is { } from && from.Kind == flow.Kind && from.Remote.Equals(flow.Remote) ? from : new SipSource(flow.Kind, flow.Remote),
                Flow = flow
            };
            Changes.Add(new BindingChange(former is null ? BindingChangeKind.Added : BindingChangeKind.Refreshed, binding));
            if (former is null) alive.Add(binding);
            else alive[at] = binding;
        }

        // RFC 5626 §6: instance and reg-id name the binding. Deviation: an instance alone does too (the RFC then compares contacts),
        // or a telephone that restarts on another port would ring twice until its old binding expires.
        private static bool Matches(Binding one, SipUri uri, string? instance, int regId) => instance is not null && one.InstanceId is not null
            ? one.RegId == regId && string.Equals(one.InstanceId, instance, StringComparison.Ordinal)
            : one.Contact.Equals(uri);

        // expires parameter, else Expires header, else the default; what is no number counts as one hour (§10.3 step 7, §20.19).
        private long Seconds(NameAddress contact)
        {
            if (contact.Parameter("expires") is { } own) return ParseSeconds(own);
            return request.Text(SipHeaderName.Expires) is { } common ? ParseSeconds(common) : (long)options.DefaultExpires.TotalSeconds;
        }

        private static long ParseSeconds(string text) =>
            text.Length > 0 && text.All(char.IsAsciiDigit) ? long.TryParse(text, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, uint.MaxValue) : uint.MaxValue : 3600;

        // "0" [ "." 0*3DIGIT ] / "1" [ "." 0*3("0") ]
        private static bool TryQ(string? text, out ushort q)
        {
            q = 1000;
            if (text is null) return true;
            if (text.Length > 5 || !decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value > 1) return false;
            q = (ushort)(value * 1000);
            return true;
        }

        // Counts only with an instance and a client that says "outbound"; one contact then, RFC 5626 §6.
        private bool TryRegId(NameAddress contact, string? instance, out int regId)
        {
            regId = 0;
            if (contact.Parameter("reg-id") is not { } text || instance is null || !_wantsOutbound) return true;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out regId) && regId > 0 && contacts.Count == 1;
        }

        // RFC 5626 §6: behind a proxy, the proxy must have said "ob" in its Path.
        private bool LacksOutbound() => request.TryVias(out var vias) && vias.Count > 1 && (path.Count == 0 || path[^1].Uri!.Parameter("ob") is null);
    }
}
