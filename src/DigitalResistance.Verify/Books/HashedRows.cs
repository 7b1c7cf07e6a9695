using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using static DigitalResistance.Verify.Books.BookFaultException;

namespace DigitalResistance.Verify.Books;

/// <summary>
/// A file of a round, made again from the entries: a header and one row a token, sorted. When as many rows came as were announced, its
/// hash must be the one that was announced, which is the one in the manifest that admins approved.
/// </summary>
internal sealed class HashedRows : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<(string Token, long Value)> _rows = [];
    private readonly long _announced;
    private readonly string _expected;

    public HashedRows(string header, long announced, string expected)
    {
        (_announced, _expected) = (announced, expected);
        _hash.AppendData(Encoding.ASCII.GetBytes($"{header}\n"));
        CheckWhenWhole();
    }

    public IReadOnlyList<(string Token, long Value)> Rows => _rows;

    public bool IsWhole => _rows.Count == _announced;

    public Int128 Sum => _rows.Aggregate((Int128)0, (sum, row) => sum + row.Value);

    public void Add(string token, long value)
    {
        Need(value > 0 && !IsWhole && (_rows.Count == 0 || string.CompareOrdinal(token, _rows[^1].Token) > 0), "a row is out of order or too many");
        _rows.Add((token, value));
        _hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{token},{value}\n")));
        CheckWhenWhole();
    }

    public void Dispose() => _hash.Dispose();

    private void CheckWhenWhole()
    {
        if (IsWhole) Need($"sha256:{Convert.ToHexStringLower(_hash.GetCurrentHash())}" == _expected, "the rows are not those that were announced");
    }
}
