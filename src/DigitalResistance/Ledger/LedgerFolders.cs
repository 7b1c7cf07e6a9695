using DigitalResistance.Data;
using DigitalResistance.Transparency;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Ledger;

/// <summary>Where the log's files and its key are kept.</summary>
public sealed class LedgerFolders
{
    /// <summary>The last checkpoint that was signed, whether or not it became public: what must never be contradicted.</summary>
    public const string LastSigned = "ledger.signed";

    /// <summary>Takes the folders from the configuration.</summary>
    public LedgerFolders(IOptions<DatabaseOptions> data, IOptions<LedgerOptions> ledger)
        : this(Path.Combine(data.Value.Folder, "ledger"), ledger.Value.KeyFolder ?? Path.Combine(data.Value.Folder, "keys"))
    {
    }

    internal LedgerFolders(string log, string keys) => (Log, Keys) = (new DurableFolder(Path.GetFullPath(log)), new DurableFolder(Path.GetFullPath(keys)));

    /// <summary>What any web server may serve as it is: checkpoint, tiles, bundles.</summary>
    public DurableFolder Log { get; }

    /// <summary>The signing key and <see cref="LastSigned"/>.</summary>
    public DurableFolder Keys { get; }
}
