using System.Runtime.InteropServices;
using DigitalResistance.Transparency;

namespace DigitalResistance.Verify.Books;

/// <summary>
/// Booked coins by outpoint: a million of them in a hundred megabytes, without a second copy while they grow. Rows lie in blocks that never
/// move; only the table of their numbers (open addressing, at most three quarters full) is made anew.
/// </summary>
internal sealed class CoinTable
{
    private const int BlockBits = 12;
    private readonly List<(TreeHash[] Txids, Row[] Rows)> _blocks = [];
    private readonly Stack<int> _free = [];
    private int[] _slots = new int[1 << BlockBits];
    private int _rows;

    /// <summary>Coins that are booked now.</summary>
    public int Count => _rows - _free.Count;

    /// <summary>Every coin that is booked now, in the order of the log where none was taken back.</summary>
    public IEnumerable<(TreeHash Txid, long Vout, BookedCoin Coin)> All
    {
        get
        {
            for (var number = 0; number < _rows; number++)
            {
                var row = At(number);
                if (row.IsBooked) yield return (Txid(number), row.Vout, row.Coin);
            }
        }
    }

    /// <summary>Books a coin; false where it is booked already.</summary>
    public bool TryAdd(TreeHash txid, long vout, in BookedCoin coin)
    {
        if (Count >= _slots.Length / 4 * 3) Grow();
        var slot = Slot(txid, vout);
        if (_slots[slot] != 0) return false;
        if (!_free.TryPop(out var number)) number = _rows++;
        if (number >> BlockBits == _blocks.Count) _blocks.Add((new TreeHash[1 << BlockBits], new Row[1 << BlockBits]));
        (Txid(number), At(number)) = (txid, new Row(vout, coin));
        _slots[slot] = number + 1;
        return true;
    }

    /// <summary>The coin of an outpoint, if it is booked now.</summary>
    public BookedCoin? Find(TreeHash txid, long vout) => _slots[Slot(txid, vout)] is > 0 and var found ? At(found - 1).Coin : null;

    /// <summary>Forgets a coin; null where it is not booked.</summary>
    public BookedCoin? Remove(TreeHash txid, long vout)
    {
        var hole = Slot(txid, vout);
        if (_slots[hole] == 0) return null;
        var number = _slots[hole] - 1;
        var coin = At(number).Coin;
        At(number) = default;
        _free.Push(number);

        // Whatever lies behind moves up as far as its own place allows, so that nothing is ever looked for past a gap.
        var mask = _slots.Length - 1;
        for (var at = (hole + 1) & mask; _slots[at] != 0; at = (at + 1) & mask)
        {
            var other = _slots[at] - 1;
            if (((at - Home(Txid(other), At(other).Vout)) & mask) < ((at - hole) & mask)) continue;
            _slots[hole] = _slots[at];
            hole = at;
        }

        _slots[hole] = 0;
        return coin;
    }

    private ref Row At(int number) => ref _blocks[number >> BlockBits].Rows[number & ((1 << BlockBits) - 1)];

    // Apart from the rows: a hash wants to lie at a multiple of its length, which would make each row a half longer.
    private ref TreeHash Txid(int number) => ref _blocks[number >> BlockBits].Txids[number & ((1 << BlockBits) - 1)];

    /// <summary>Where a search begins. The hash is another in every process: whoever writes a log cannot make all its coins collide.</summary>
    private int Home(TreeHash txid, long vout) => HashCode.Combine(txid, vout) & (_slots.Length - 1);

    private int Slot(TreeHash txid, long vout)
    {
        var slot = Home(txid, vout);
        while (_slots[slot] is > 0 and var taken)
        {
            if (At(taken - 1).Vout == vout && Txid(taken - 1) == txid) break;
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var number = 0; number < _rows; number++)
        {
            if (At(number).IsBooked) _slots[Slot(Txid(number), At(number).Vout)] = number + 1;
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private record struct Row(long Vout, BookedCoin Coin)
    {
        /// <summary>Every booked coin is worth something; a row that is free is empty.</summary>
        public readonly bool IsBooked => Coin.Amount != 0;
    }
}
