// SPDX-License-Identifier: EUPL-1.2
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Beffroi.TestKit;

/// <summary>A program that a test starts: its output is kept line by line, it can be waited for by what it prints, and it is
/// ended with the test, by its own process id.</summary>
/// <remarks>Threading: any thread. Standard error and standard output are one list of lines, in the order of arrival.</remarks>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _news = NewSignal();
    private int _streamsOpen = 2;

    private ChildProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Valid once it has exited.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What was printed until now.</summary>
    public IReadOnlyList<string> Lines
    {
        get { lock (_lock) return [.. _lines]; }
    }

    public string Output => string.Join('\n', Lines);

    /// <summary>Starts a program without a shell: the arguments arrive as they are.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var child = new ChildProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        child._process.OutputDataReceived += (_, line) => child.Take(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Take(line.Data);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end. Throws with its output when it is still there after <paramref name="within"/>.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, TimeSpan within, string? folder = null)
    {
        await using var child = Start(program, arguments, folder);
        var code = await child.ExitAsync(within);
        return (code, child.Output);
    }

    /// <summary>The first line, from line number <paramref name="from"/> on, that holds <paramref name="text"/>; throws with the whole output when
    /// it does not come in time or the program ends before.</summary>
    public Task<string> LineAsync(string text, TimeSpan within, int from = 0) =>
        LineAsync(line => line.Contains(text, StringComparison.Ordinal), $"a line with '{text}'", within, from);

    /// <inheritdoc cref="LineAsync(string, TimeSpan, int)"/>
    public async Task<string> LineAsync(Func<string, bool> wanted, string what, TimeSpan within, int from = 0)
    {
        using var limit = new CancellationTokenSource(within);
        while (true)
        {
            Task news;
            lock (_lock)
            {
                for (; from < _lines.Count; from++)
                    if (wanted(_lines[from])) return _lines[from];
                if (_streamsOpen == 0) throw Missing($"ended before {what}");
                news = _news.Task;
            }
            try { await news.WaitAsync(limit.Token); }
            catch (OperationCanceledException) { throw Missing($"did not print {what} within {within.TotalSeconds:0.#} s"); }
        }
    }

    /// <summary>Writes a line to its standard input.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteAsync(line + "\n");
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the end and for the last lines. Throws with the whole output when it does not come in time.</summary>
    public async Task<int> ExitAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try { await _process.WaitForExitAsync(limit.Token); }
        catch (OperationCanceledException) { throw Missing($"still runs after {within.TotalSeconds:0.#} s"); }
        return _process.ExitCode;
    }

    /// <summary>Asks it to end (SIGTERM unless another signal is named) and kills it when it has not <paramref name="within"/>
    /// (<see cref="TestTimeouts.Stop"/> unless said).</summary>
    /// <returns>The exit code; 137 when it had to be killed.</returns>
    public async Task<int> StopAsync(string signal = "TERM", TimeSpan? within = null)
    {
        if (!_process.HasExited)
        {
            Signal(signal);
            using var limit = new CancellationTokenSource(within ?? TestTimeouts.Stop);
            try { await _process.WaitForExitAsync(limit.Token); }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }
        return _process.ExitCode;
    }

    /// <summary>Sends a signal by its name (STOP, CONT, USR1...).</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
    }

    private void Take(string? line)
    {
        TaskCompletionSource news;
        lock (_lock)
        {
            if (line is null) _streamsOpen--;
            else _lines.Add(line);
            (news, _news) = (_news, NewSignal());
        }
        news.TrySetResult();
    }

    private TimeoutException Missing(string what) =>
        new($"{_process.StartInfo.FileName} {what}. Its output:\n{string.Join('\n', Lines.TakeLast(200))}");

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
