// SPDX-License-Identifier: EUPL-1.2
using System.Text;
using Beffroi.Sip.EventPackages;
using Beffroi.Sip.Messages;
using Beffroi.Sip.Tests.UserAgent;

namespace Beffroi.Sip.Tests.EventPackages;

/// <summary>A receptionist's set, played by hand, that watches extensions of the town hall's server.</summary>
internal sealed class Watcher
{
    private readonly WireHost _phone;
    private readonly WireHost _server;
    private int _cseq;

    internal Watcher(NotifierOptions? options = null, params IEnumerable<IEventPackage> more)
    {
        _phone = Net.Add("10.0.0.1:5060");
        _phone.IsManual = true;
        _server = Net.Add("10.0.0.2:5060");
        Board = new DialogBoard();
        Notifier = new Notifier(_server.Stack, Net.Time, options ?? new NotifierOptions(),
            [new DialogPackage(Board, (_, resource) => resource != "mayor" && !Revoked), new MessageSummaryPackage(box => box == "102" ? Messages : null, (who, _) => who == "alice"), .. more]);
        Board.WhenChanged = resource => Notifier.Changed(DialogPackage.PackageName, resource);
        _server.Core.WhenAsked = transaction => Notifier.Subscribe(transaction, "alice", transaction.Request.RequestUri!.User);
    }

    internal WireNetwork Net { get; } = new();
    internal Notifier Notifier { get; }
    internal DialogBoard Board { get; }
    internal MessageSummary Messages { get; set; } = new(0, 0);
    internal bool Revoked { get; set; }
    internal int ServerDialogs => _server.Stack.Dialogs;

    /// <summary>What NOTIFYs are answered with; 0: nothing.</summary>
    internal int Answer { get; set; } = 200;

    internal List<SipMessage> Notified { get; } = [];
    internal SipMessage Last => Notified[^1];
    internal string LastState => Last.Text(SipHeaderName.SubscriptionState)!;
    internal string LastBody => Encoding.UTF8.GetString(Last.Body);

    internal SipMessage Subscribes(string extension, string package = "dialog", int? expires = 600, SipMessage? within = null, params string[] headers) =>
        Asks(extension, package, "", expires, within, headers);

    internal SipMessage Asks(string extension, string package, string body, int? expires = 600, SipMessage? within = null, params string[] headers)
    {
        var to = within is null ? $"<sip:{extension}@10.0.0.2>" : within.Text(SipHeaderName.To);
        var more = string.Concat(headers.Select(header => header + "\n"));
        if (!more.Contains("Contact", StringComparison.Ordinal)) more += "Contact: <sip:alice@10.0.0.1:5060>\n";
        _phone.Write(_server,
            $"SUBSCRIBE sip:{extension}@10.0.0.2 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKs{++_cseq}\nFrom: <sip:alice@10.0.0.2>;tag=a\nTo: {to}\n" +
            $"Call-ID: {within?.CallId ?? $"call{_cseq}"}\nCSeq: {_cseq} SUBSCRIBE\n{more}{(package.Length > 0 ? $"Event: {package}\n" : "")}{(expires is null ? "" : $"Expires: {expires}\n")}Content-Length: {Encoding.UTF8.GetByteCount(body)}\n\n{body}");
        var response = _phone.Received.Last(message => !message.IsRequest);
        Reads();
        return response;
    }

    internal void Passes(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            Net.Pass(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
            Reads();
        }
    }

    internal void CallIs(string extension, DialogPhase phase, string id = "d1") => Board.Put(extension, new DialogState
    {
        Id = id,
        Phase = phase,
        CallId = "c@h",
        LocalTag = "l",
        RemoteTag = "r",
        Remote = new NameAddress(SipUri.Of("0199001234", "example.org"), "Mme \"Lune\" <&\u0001>"),
    });

    private void Reads()
    {
        foreach (var request in _phone.Received.Where(message => message.IsRequest).ToArray())
        {
            _phone.Received.Remove(request);
            if (!Notified.Exists(one => one.CallId == request.CallId && one.CSeqNumber == request.CSeqNumber)) Notified.Add(request);
            if (Answer != 0) _phone.Reply(_server, request, Answer, "a", null);
        }
    }
}
