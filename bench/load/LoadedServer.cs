// SPDX-License-Identifier: EUPL-1.2
using Beffroi.TestKit;
using Beffroi.TestKit.Peers;

namespace Beffroi.Load;

/// <summary>A SIP server under load: a process of ours on loopback ports, with users whose secrets we know.</summary>
public abstract class LoadedServer(string name) : IAsyncDisposable
{
    public string Name { get; } = name;

    public int SipPort { get; } = FreePorts.Next();

    public IReadOnlyList<LoadUser> Users { get; protected set; } = [];

    protected PeerFolder Folder { get; } = new("load");

    protected ChildProcess? Process { get; set; }

    public string Output => Process?.Output ?? "";

    public ProcessCost Cost() => ProcessCost.Of(Process!.Id);

    /// <summary>Starts with at least <paramref name="users"/> users and waits until it takes requests.</summary>
    public abstract Task StartAsync(int users);

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.StopAsync();
            await Process.DisposeAsync();
        }
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
