// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Architecture.Tests;

/// <summary>Who may break a rule, and why. An entry that is no longer needed fails its test where that can be told.</summary>
internal static class Exceptions
{
    /// <summary>File or <c>file#method</c> → why it may be longer.</summary>
    internal static readonly Dictionary<string, string> MayBeLonger = new()
    {
        ["tests/Beffroi.Media.Tests/Sdp/TwoLegsTests.cs#A_browserlike_offer_is_carried_without_its_keys_candidates_and_names"] = "a whole offer and what becomes of it, as text",
        ["tests/Beffroi.TestKit/Peers/Linphone.cs#Settings"] = "a whole configuration file, as text",
    };

    /// <summary>File → why an exception of any type is caught and kept there.</summary>
    internal static readonly Dictionary<string, string> MayCatchAll = new()
    {
        ["src/Beffroi.Calls/Call.cs"] = "the mailbox: a bug clears one call",
        ["src/Beffroi.Calls/CallScript.cs"] = "the mailbox's, reached by way of a script",
        ["src/Beffroi.Media/Streams/MediaThread.cs"] = "a receive loop: one stream that breaks must not stop the others",
        ["src/Beffroi.Media/Streams/MediaThread.Commands.cs"] = "the media thread's mailbox",
        ["src/Beffroi.Media/Streams/RecordingWriter.cs"] = "a loop that serves all recordings: one that breaks must not stop the others",
        ["src/Beffroi.Server/Features/CallControl/FeatureKeys.cs"] = "the mailbox of telephones' keys: one wish that breaks must not stop the others",
        ["src/Beffroi.Server/Platform/Journal/JournalWriter.cs"] = "the journal's mailbox: what cannot be written is counted, calls go on",
        ["src/Beffroi.Server/Platform/Journal/Projections.cs"] = "a derived view that breaks is rebuilt from the journal",
        ["src/Beffroi.Server/Platform/SipHost/SipHost.cs"] = "the receive loop's end: one request that breaks its handler is answered 500",
        ["src/Beffroi.Sip/Transport/MessageReception.cs"] = "the receive loop: one message that breaks the core must not end reception",
        ["src/Beffroi.Sip/UserAgent/SipSession.Mailbox.cs"] = "the session's mailbox: a listener that breaks ends one session",
        ["src/Beffroi.Sip/Timers/TimingWheel.cs"] = "the loop of all timers: one that breaks must not stop the others",
    };

    /// <summary>Files of several small types of one kind, of which none is the first.</summary>
    internal static readonly Dictionary<string, string> Collections = new()
    {
        ["src/Beffroi.Calls/CallMessages.cs"] = "what a call's mailbox takes",
        ["src/Beffroi.Media/Sdp/SdpLines.cs"] = "the lines of a session description",
        ["src/Beffroi.Server/Features/DialPlan/Contract/OrganisationPlan.cs"] = "what an organisation's dial plan is made of",
        ["src/Beffroi.Server/Features/DialPlan/DialPlanBooks.cs"] = "one book per kind of page",
        ["src/Beffroi.Server/Features/Directory/Contract/DirectoryItems.cs"] = "what a directory is made of",
    };

    /// <summary>Type names that end in a word of the empty kind and mean something by it.</summary>
    internal static readonly Dictionary<string, string> FullNames = new()
    {
        ["DtmfInfo"] = "INFO is the SIP method",
        ["DigitsForInfo"] = "INFO is the SIP method",
    };

    /// <summary>Source folder → why it has no tests of its own.</summary>
    internal static readonly Dictionary<string, string> TestedElsewhere = new()
    {
        ["src/Beffroi.Calls/Applications"] = "what an application is given and asked; applications are tested with their features",
        ["src/Beffroi.Calls/Routing"] = "an interface; the router is tested with the dial plan",
    };
}
