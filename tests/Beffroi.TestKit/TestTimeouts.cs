// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.TestKit;

/// <summary>How long a test waits for something that must come. Long enough for a loaded machine of two cores: a good run never waits them out.</summary>
public static class TestTimeouts
{
    /// <summary>For what happens in this process: a message handled, a timer fired.</summary>
    public static readonly TimeSpan InProcess = TimeSpan.FromSeconds(10);

    /// <summary>For an answer over the loopback network from a peer that runs.</summary>
    public static readonly TimeSpan Network = TimeSpan.FromSeconds(20);

    /// <summary>For a program to start, the server included.</summary>
    public static readonly TimeSpan Start = TimeSpan.FromSeconds(60);

    /// <summary>For a whole call between real peers.</summary>
    public static readonly TimeSpan Call = TimeSpan.FromSeconds(90);

    /// <summary>For a phone to unregister when it ends; its registrar may be gone already.</summary>
    public static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    /// <summary>For a program to end after it was asked to.</summary>
    public static readonly TimeSpan Stop = TimeSpan.FromSeconds(15);
}
