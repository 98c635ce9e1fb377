// SPDX-License-Identifier: EUPL-1.2
namespace Beffroi.Server.Features.DialPlan.Contract;

/// <summary>Longest match over dialled digits: a tree of the 13 signs 0-9, '*', '#', '+'. Filled once, then only read.</summary>
/// <remarks>Threading: <see cref="Set"/> belongs to whoever builds the tree; lookups are safe from any thread once building is over. A lookup allocates nothing.</remarks>
public sealed class DigitTree<T>
{
    private const int Signs = 13;
    private readonly Node _root = new();

    public int Count { get; private set; }

    /// <summary>Puts a value at a prefix; the empty prefix is the default of everything. False when the text has other signs, or the prefix was taken.</summary>
    public bool Set(ReadOnlySpan<char> prefix, T value)
    {
        var node = _root;
        foreach (var sign in prefix)
        {
            var index = Index(sign);
            if (index < 0) return false;
            node.Next ??= new Node?[Signs];
            node = node.Next[index] ??= new Node();
        }
        if (node.HasValue) return false;
        (node.HasValue, node.Value) = (true, value);
        Count++;
        return true;
    }

    /// <summary>The value of the longest prefix of <paramref name="digits"/>.</summary>
    /// <param name="length">How many signs that prefix has.</param>
    public bool TryLongest(ReadOnlySpan<char> digits, out T value, out int length)
    {
        var (node, found, depth) = (_root, _root.HasValue ? _root : null, 0);
        length = 0;
        foreach (var sign in digits)
        {
            var index = Index(sign);
            if (index < 0 || node.Next?[index] is not { } next) break;
            (node, depth) = (next, depth + 1);
            if (node.HasValue) (found, length) = (node, depth);
        }
        value = found is null ? default! : found.Value;
        return found is not null;
    }

    private static int Index(char sign) => sign switch
    {
        >= '0' and <= '9' => sign - '0',
        '*' => 10,
        '#' => 11,
        '+' => 12,
        _ => -1,
    };

    private sealed class Node
    {
        public Node?[]? Next;
        public bool HasValue;
        public T Value = default!;
    }
}
