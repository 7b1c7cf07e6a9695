using System.Globalization;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Treasury.Moves;

/// <summary>A move as an admin types it: texts, so that what was typed comes back beside its mistake. Amounts may be grouped with spaces where they stand alone.</summary>
public sealed class MoveForm
{
    public string? Batches { get; set; } = "1";

    /// <summary>A bill on each line: purpose, satoshi, address.</summary>
    public string? Bills { get; set; }

    public string? Descriptor { get; set; }

    public string? MaxFee { get; set; } = "20000";

    public string? MaxFeeRate { get; set; } = "50";

    internal IReadOnlyList<Bill> ReadBills(ModelStateDictionary state, IStringLocalizer<MovesTexts> texts)
    {
        var bills = new List<Bill>();
        var lines = (Bills ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length == 0) state.AddModelError("Input.Bills", texts["Bills.None"]);
        for (var i = 0; i < lines.Length; i++)
        {
            var parts = lines[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 3 && Purpose(parts[0]) is { } purpose && Whole(parts[1], Sats.Supply.Value) is { } amount) bills.Add(new Bill(purpose, new Sats(amount), parts[2]));
            else state.AddModelError("Input.Bills", texts["Bills.Wrong", i + 1]);
        }

        return bills;
    }

    internal int ReadBatches(ModelStateDictionary state, IStringLocalizer<MovesTexts> texts) => (int)Take(state, nameof(Batches), Whole(Batches, int.MaxValue), texts);

    internal MoveFees ReadFees(ModelStateDictionary state, IStringLocalizer<MovesTexts> texts) =>
        new(new Sats(Take(state, nameof(MaxFee), Whole(MaxFee, Sats.Supply.Value), texts)), (int)Take(state, nameof(MaxFeeRate), Whole(MaxFeeRate, int.MaxValue), texts));

    private static long Take(ModelStateDictionary state, string field, long? value, IStringLocalizer<MovesTexts> texts)
    {
        if (value is null) state.AddModelError($"Input.{field}", texts["Whole.Wrong"]);
        return value.GetValueOrDefault();
    }

    private static CostPurpose? Purpose(string word) => Enum.GetValues<CostPurpose>().Where(p => Words.Snake(p) == word).Select(p => (CostPurpose?)p).SingleOrDefault();

    private static long? Whole(string? text, long most) =>
        long.TryParse(string.Concat((text ?? "").Where(c => !char.IsWhiteSpace(c))), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= most ? value : null;
}
