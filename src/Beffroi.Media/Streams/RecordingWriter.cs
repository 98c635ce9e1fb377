// SPDX-License-Identifier: EUPL-1.2
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Beffroi.Media.Streams;

/// <summary>Writes all recordings of an engine to their files, one piece after the other, off the media threads.</summary>
/// <remarks>Threading: one loop; <see cref="Enqueue"/> from any thread. It sleeps when nothing is recorded.</remarks>
internal sealed class RecordingWriter
{
    private readonly Channel<Recording> _due = Channel.CreateUnbounded<Recording>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ILogger _log;

    internal RecordingWriter(ILogger log)
    {
        _log = log;
        Finished = Task.Run(WriteAllAsync);
    }

    /// <summary>Ends after <see cref="Complete"/>, when everything is on the disk.</summary>
    internal Task Finished { get; }

    internal void Enqueue(Recording recording) => _due.Writer.TryWrite(recording);

    internal void Complete() => _due.Writer.TryComplete();

    private async Task WriteAllAsync()
    {
        await foreach (var recording in _due.Reader.ReadAllAsync())
        {
            try
            {
                recording.Write();
            }
            catch (Exception broken)
            {
                MediaLog.WriterBroke(_log, broken);
            }
        }
    }
}
