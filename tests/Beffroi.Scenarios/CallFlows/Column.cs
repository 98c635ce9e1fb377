// SPDX-License-Identifier: EUPL-1.2
using System.Globalization;
using System.Security;
using System.Text;
using Beffroi.TestKit.Peers;

namespace Beffroi.Scenarios.CallFlows;

/// <summary>One column of a figure: what one user agent sends and what it must receive, in that order. It is written as a SIPp scenario, so every other message that
/// arrives fails it; only 100 Trying may come or not. SIPp repeats requests and takes repeated messages by itself.</summary>
/// <remarks>A pattern is an extended regular expression that the message must hold; with "!" before it, one that it must not hold. Threading: one test builds it.</remarks>
public sealed class Column
{
    private const string Product = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO";
    private readonly StringBuilder _steps = new();
    private readonly HashSet<string> _variables = [];
    private readonly string _number;
    private readonly string _contact;
    private int _cseq;
    private int _checks;
    private bool _inDialog;
    private bool _trying;
    private string _sent = "";
    private string _peer = "";

    private Column(DemoAccount who, string number, bool calls)
    {
        (Who, _number, Calls) = (who, number, calls);
        _contact = who.SipUserName;
    }

    public DemoAccount Who { get; }

    /// <summary>How it speaks to the server; UDP unless <see cref="By"/> says otherwise.</summary>
    public PhoneTransport Transport { get; private set; } = PhoneTransport.Udp;

    public Column By(PhoneTransport transport)
    {
        Transport = transport;
        return this;
    }

    /// <summary>It begins the dialog; the other sort waits on the port that its owner has registered.</summary>
    public bool Calls { get; }

    /// <summary>Own address: another of 127/8 stands for somebody outside the town.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Sends back the sound that it gets.</summary>
    public bool Echo { get; init; }

    /// <summary>A user agent that sends the first request, to <paramref name="number"/>.</summary>
    public static Column Caller(DemoAccount who, string number) => new(who, number, calls: true);

    /// <inheritdoc cref="Caller"/>
    public static Column Operator(string caller, string number) => new(Stranger(caller), number, calls: true) { Address = CallFlowTown.Operator };

    /// <summary>A user agent that waits for an INVITE.</summary>
    public static Column Called(DemoAccount who, bool echo = false) => new(who, "", calls: false) { Echo = echo };

    /// <summary>The operator's side of a call that leaves the town.</summary>
    public static Column Outside(string number) => new(Stranger(number), "", calls: false) { Address = CallFlowTown.Operator };

    /// <summary>A description of the sound: PCMA, PCMU and telephone-event.</summary>
    /// <param name="version">Of the o= line: one more for each change.</param>
    public static string Sdp(string direction = "sendrecv", int version = 1, string address = "[media_ip]") => string.Create(CultureInfo.InvariantCulture, $"""
        v=0
        o=figure 3907 {version} IN IP4 {address}
        s=-
        c=IN IP4 {address}
        t=0 0
        m=audio [media_port] RTP/AVP 8 0 101
        a=rtpmap:8 PCMA/8000
        a=rtpmap:0 PCMU/8000
        a=rtpmap:101 telephone-event/8000
        a=fmtp:101 0-15
        a=ptime:20
        a={direction}
        """);

    /// <summary>A request: the first one begins the dialog, later ones are inside it.</summary>
    public Column Sends(string method, string? sdp = null, params string[] headers)
    {
        _cseq++;
        _sent = method;
        var via = method == "CANCEL" ? "[last_Via:]" : "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]";
        if (method == "CANCEL") _cseq--;
        var target = _inDialog && method != "CANCEL" ? "[next_url]" : Target(method);
        Send(retransmits: true, $"{method} {target} SIP/2.0", via, _inDialog && method != "CANCEL" ? "[routes]" : "", "Max-Forwards: 70", From(), To(method), "Call-ID: [call_id]",
            $"CSeq: {_cseq} {method}", method is "CANCEL" or "BYE" or "REGISTER" || headers.Any(h => h.StartsWith("Contact", StringComparison.Ordinal)) ? "" : ContactLine(_contact), Product, Lines(headers), Body(sdp));
        _trying = method == "INVITE";
        return this;
    }

    /// <summary>A request that is challenged and sent again with the owner's credentials: 407, and 401 for REGISTER and SUBSCRIBE.</summary>
    public Column SendsAndProves(string method, string? sdp = null, params string[] headers) => SendsAndProves(method, Who.SipPassword, sdp, headers);

    /// <inheritdoc cref="SendsAndProves(string, string?, string[])"/>
    public Column SendsAndProves(string method, string password, string? sdp, string[] headers)
    {
        Sends(method, sdp, headers);
        var status = method is "REGISTER" or "SUBSCRIBE" ? 401 : 407;
        Gets(status, $"{(status == 401 ? "WWW" : "Proxy")}-Authenticate: Digest ");
        if (method == "INVITE") Acks();
        return Proves(method, password, sdp, headers);
    }

    /// <summary>A request with credentials after the last challenge.</summary>
    public Column Proves(string method, string password, string? sdp, params string[] headers) =>
        Sends(method, sdp, [.. headers, $"[authentication username={Who.SipUserName} password={password}]"]);

    /// <summary>ACK of the response that came last.</summary>
    public Column Acks(string? sdp = null)
    {
        var via = _inDialog ? "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]" : "[last_Via:]";
        Send(retransmits: false, $"ACK {(_inDialog ? "[next_url]" : Target("ACK"))} SIP/2.0", via, _inDialog ? "[routes]" : "", "Max-Forwards: 70", From(), "[last_To:]", "Call-ID: [call_id]",
            $"CSeq: {_cseq} ACK", Body(sdp));
        return this;
    }

    /// <summary>A response to the last request of ours.</summary>
    public Column Gets(int status, params string[] patterns)
    {
        if (_trying && status != 100) _steps.AppendLine("  <recv response=\"100\" optional=\"true\"/>");
        _trying = false;
        var opens = Calls && !_inDialog && _sent is ("INVITE" or "SUBSCRIBE") && status is >= 200 and < 300;
        var remembers = opens ? Remember("peer", "To:") : "";
        Receive($"response=\"{status}\"{(status is 401 or 407 ? " auth=\"true\"" : "")}{(opens ? " rrs=\"true\"" : "")}", remembers, patterns);
        if (!opens) return this;
        _inDialog = true;
        _peer = "To: [$peer]";
        return this;
    }

    /// <summary>A request from the server.</summary>
    public Column Gets(string method, params string[] patterns)
    {
        var opens = !Calls && !_inDialog && method == "INVITE";
        var remembers = opens ? Remember("peer", "From:") + Remember("me", "To:") + Remember("invite", "CSeq:") + Remember("via", "Via:") : "";
        Receive($"request=\"{method}\"{(opens ? " rrs=\"true\"" : "")}", remembers, patterns);
        if (!opens) return this;
        _inDialog = true;
        _peer = "To: [$peer]";
        return this;
    }

    /// <summary>A response to the request that came last.</summary>
    public Column Answers(int status, string? sdp = null, params string[] headers) => Answer(status, "[last_CSeq:]", sdp, headers);

    /// <summary>200 to the INVITE when another request has come since, and its ACK.</summary>
    public Column PicksUpAfterAll()
    {
        _answered = true;
        Send(retransmits: true, "SIP/2.0 200 OK", "Via: [$via]", "From: [$peer]", "To: [$me];tag=[pid]d[call_number]", "[last_Call-ID:]", "CSeq: [$invite]", ContactLine(_contact), Product, Body(Sdp()));
        return Gets("ACK");
    }

    /// <summary>487 to an INVITE after its CANCEL, and the ACK of it.</summary>
    public Column IsCancelled() => Gets("CANCEL").Answers(200).Answer(487, "CSeq: [$invite]", null, []).Gets("ACK");

    /// <summary>The INVITE again, with what was asked for: still the first one of its dialog.</summary>
    public Column AsksAgain(params string[] patterns)
    {
        (_inDialog, _answered) = (false, false);
        return Gets("INVITE", patterns);
    }

    /// <summary>The beginning of a call that is answered: INVITE, 180, 200, ACK.</summary>
    public Column PicksUp(params string[] patterns) => Gets("INVITE", patterns).Answers(180).Answers(200, Sdp()).Gets("ACK");

    /// <summary>A caller's beginning: INVITE, 407, ACK, INVITE with credentials.</summary>
    public Column Invites(params string[] headers) => SendsAndProves("INVITE", Sdp(), headers);

    /// <summary>A caller's beginning up to the conversation: INVITE, 407, ACK, INVITE, 180, 200, ACK.</summary>
    public Column GetsThrough() => Invites().Gets(180).Gets(200, "m=audio").Acks();

    /// <summary>BYE and its 200.</summary>
    public Column HangsUp() => Sends("BYE").Gets(200);

    /// <summary>The other side's BYE and our 200.</summary>
    public Column SeesTheEnd() => Gets("BYE").Answers(200);

    /// <summary>NOTIFY about a transfer (RFC 3515 §2.4.5), answered.</summary>
    public Column HearsOfTransfer(int status) => Gets("NOTIFY", "Event: *refer", $"SIP/2.0 {status} ", $"Subscription-State: *{(status >= 200 ? "terminated" : "active")}").Answers(200);

    /// <summary>A pause before the next step: a conversation.</summary>
    public Column Talks(int milliseconds = 300)
    {
        _steps.AppendLine(CultureInfo.InvariantCulture, $"  <pause milliseconds=\"{milliseconds}\"/>");
        return this;
    }

    /// <summary>The scenario for SIPp.</summary>
    public string ToXml()
    {
        var references = _variables.Count == 0 ? "" : $"  <Reference variables=\"{string.Join(',', _variables)}\"/>\n";
        return $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scenario name=\"{Who.SipUserName}\">\n{_steps}{references}</scenario>\n";
    }

    private static DemoAccount Stranger(string number) => new(number, number, "", "", "", "", "", "");

    private static string Lines(string[] headers) => string.Join('\n', headers);

    private static string Body(string? sdp) => sdp is null ? "Content-Length: 0\n" : $"Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}";

    private static string ContactLine(string user) => $"Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>";

    private string Target(string method) => method == "REGISTER" ? "sip:[remote_ip]:[remote_port]" : $"sip:{_number}@[remote_ip]:[remote_port]";

    private string From() => Calls ? $"From: <sip:{Who.SipUserName}@127.0.0.1>;tag=[pid]c[call_number]" : "From: [$me];tag=[pid]d[call_number]";

    private string To(string method) => _inDialog && method != "CANCEL" ? _peer : $"To: <sip:{(method == "REGISTER" ? Who.SipUserName : _number)}@127.0.0.1>";

    private Column Answer(int status, string cseq, string? sdp, string[] headers)
    {
        var ours = !Calls && _lastIsInvite && !_answered;
        if (status >= 200 && _lastIsInvite) _answered = true;
        var to = ours ? "[last_To:];tag=[pid]d[call_number]" : "[last_To:]";
        if (status == 487) to = "To: [$me];tag=[pid]d[call_number]";
        var contact = status < 300 && !headers.Any(h => h.StartsWith("Contact", StringComparison.Ordinal)) ? ContactLine(_contact) : "";
        Send(retransmits: status >= 200 && (_lastIsInvite || status == 487), $"SIP/2.0 {status} {(status < 200 ? "Ringing" : status < 300 ? "OK" : "Refused")}", "[last_Via:]", "[last_Record-Route:]",
            "[last_From:]", to, "[last_Call-ID:]", cseq, contact, Product, Lines(headers), Body(sdp));
        return this;
    }

    private bool _lastIsInvite;
    private bool _answered;

    private string Remember(string variable, string header)
    {
        _variables.Add(variable);
        return $"    <ereg regexp=\"[^ ].*\" search_in=\"hdr\" header=\"{header}\" check_it=\"true\" assign_to=\"{variable}\"/>\n";
    }

    private void Receive(string what, string actions, string[] patterns)
    {
        if (what.StartsWith("request", StringComparison.Ordinal)) _lastIsInvite = what.Contains("INVITE", StringComparison.Ordinal);
        var checks = new StringBuilder(actions);
        foreach (var pattern in patterns)
        {
            var variable = string.Create(CultureInfo.InvariantCulture, $"check{++_checks}");
            _variables.Add(variable);
            var absent = pattern.StartsWith('!');
            checks.Append(CultureInfo.InvariantCulture,
                $"    <ereg regexp=\"{SecurityElement.Escape(absent ? pattern[1..] : pattern)}\" search_in=\"msg\" {(absent ? "check_it_inverse" : "check_it")}=\"true\" assign_to=\"{variable}\"/>\n");
        }

        if (checks.Length == 0) _steps.AppendLine(CultureInfo.InvariantCulture, $"  <recv {what}/>");
        else _steps.AppendLine(CultureInfo.InvariantCulture, $"  <recv {what}>\n  <action>\n{checks}  </action>\n  </recv>");
    }

    private void Send(bool retransmits, params string[] lines)
    {
        var message = string.Join("\n", lines.Where(line => line.Length > 0));
        var indented = string.Join("\n", message.Split('\n').Select(line => line.Length == 0 ? "" : "      " + line));
        _steps.AppendLine(CultureInfo.InvariantCulture, $"  <send{(retransmits ? " retrans=\"500\"" : "")}>\n    <![CDATA[\n\n{indented}\n\n    ]]>\n  </send>");
    }
}
