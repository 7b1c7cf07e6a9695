using System.Text.Json;
using DigitalResistance.Ledger;

namespace DigitalResistance.Web.Endpoints;

/// <summary>A line of the ledger as JSON, in the export and in the API. Satoshi are integers; what an entry does not speak of is absent.</summary>
internal sealed record LedgerRow(
    long Index, DateOnly Day, string Type, long ChangeSat, long BalanceSat, long? AmountSat, long? FeeSat, int? Round, int? Move, string? Token, long? Weight, string? Txid)
{
    public static readonly JsonSerializerOptions Json = Api.Spell(new JsonSerializerOptions());

    public static LedgerRow Of(LedgerLine l) =>
        new(l.Index, l.Day, l.Type, l.Change.Value, l.Balance.Value, l.Amount?.Value, l.Fee?.Value, l.Round, l.Move, l.Token, l.Weight, l.Txid);
}
