using NBitcoin;

namespace DigitalResistance.Tests.Payouts.Model;

/// <summary>A transaction of the model: what it spends, what it pays to whom.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Inputs">The coins that it spends.</param>
/// <param name="Outputs">Amounts and whose they are: a recipient's number, or one of the constants.</param>
internal sealed record ModelTx(uint256 Id, IReadOnlyList<OutPoint> Inputs, IReadOnlyList<(int Whose, long Amount)> Outputs)
{
    public const int Treasury = -1, Elsewhere = -2;

    public string Txid { get; } = Id.ToString();
}

/// <summary>
/// Blocks of transactions that hold as the network would let them: every coin exists and is spent once. Anything that is signed may be mined at any time, in any order, and
/// the last blocks may be replaced by others.
/// </summary>
internal sealed class ModelChain
{
    private readonly List<List<ModelTx>> _blocks = [];
    private readonly Dictionary<OutPoint, (ModelTx By, int Height)> _spent = [];
    private readonly Dictionary<uint256, int> _heights = [];

    public int Height => _blocks.Count;

    /// <summary>Every transaction of the best chain with its height.</summary>
    public IEnumerable<(ModelTx Tx, int Height)> All => _blocks.SelectMany((block, i) => block.Select(tx => (tx, i + 1)));

    public int? HeightOf(uint256 id) => _heights.TryGetValue(id, out var height) ? height : null;

    public (ModelTx By, int Height)? SpenderOf(OutPoint coin) => _spent.TryGetValue(coin, out var spender) ? spender : null;

    /// <summary>Whether it could be in the next block. Money from outside comes from coins with no transaction in here.</summary>
    public bool Takes(ModelTx tx) =>
        !_heights.ContainsKey(tx.Id) && tx.Inputs.All(input => !_spent.ContainsKey(input) && (input.Hash == uint256.Zero || _heights.ContainsKey(input.Hash)));

    /// <summary>A block with what holds of these, in their order.</summary>
    public void Mine(IEnumerable<ModelTx> wanted)
    {
        var block = new List<ModelTx>();
        _blocks.Add(block);
        foreach (var tx in wanted.Where(Takes))
        {
            block.Add(tx);
            _heights.Add(tx.Id, Height);
            foreach (var input in tx.Inputs) _spent.Add(input, (tx, Height));
        }
    }

    /// <summary>Takes the last blocks away. Gives what was in them.</summary>
    public IReadOnlyList<ModelTx> Undo(int depth)
    {
        var gone = _blocks.TakeLast(depth).SelectMany(block => block).ToList();
        _blocks.RemoveRange(_blocks.Count - depth, depth);
        foreach (var tx in gone)
        {
            _heights.Remove(tx.Id);
            foreach (var input in tx.Inputs) _spent.Remove(input);
        }

        return gone;
    }
}
