using System.Text.RegularExpressions;
using DigitalResistance.Payouts;
using DigitalResistance.Tests.Site;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Tests.Payouts;

/// <summary>What a key holder prints and ticks off against the device.</summary>
public sealed class SigningSheetTests(PopulatedApp app) : IClassFixture<PopulatedApp>
{
    [Fact]
    public async Task The_sheet_tells_every_output_in_the_order_of_the_transaction_and_what_it_is_for()
    {
        var batch = await app.BatchAsync(2);
        var version = await app.AskAsync(db => db.Set<BatchTransaction>().AsNoTracking().SingleAsync(t => t.BatchId == batch.Id));
        var outputs = PSBT.Load(version.Psbt, Network.RegTest).GetGlobalTransaction().Outputs;
        var sheet = await app.Treasurer.Browser.OpenAsync($"/en/treasury/batches/{batch.Id}/sheet");

        var places = outputs.Select(o => sheet.Html.IndexOf(Destination(o), StringComparison.Ordinal)).ToArray();
        Assert.All(places, place => Assert.NotEqual(-1, place));
        Assert.Equal(places.Order(), places);
        Assert.All(await app.AskAsync(db => db.Set<Payout>().Where(p => p.RoundNumber == 2).Select(p => p.Token).ToListAsync()), token => Assert.Contains($"Payment to {token}", sheet.Text, StringComparison.Ordinal));
        Assert.Single(Regex.Matches(sheet.Text, "OP_RETURN: commitment to the approvals"));
        Assert.Single(Regex.Matches(sheet.Text, "Change, back to the treasury \\(1/[0-9]+\\)"));
        Assert.DoesNotContain("do not sign</span>", sheet.Html, StringComparison.Ordinal);
        Assert.All([version.Txid, version.PsbtSha256, "56c4fac3", "8dfc9b34"], fact => Assert.Contains(fact, sheet.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("en", "Open the treasury’s wallet, then File, Open Transaction", "The signing sheet, to print")]
    [InlineData("ru", "Откройте кошелёк казны, затем File, Open Transaction", "Лист подписания для печати")]
    public async Task The_signing_room_tells_how_each_wallet_signs(string language, string step, string link)
    {
        var room = await app.Treasurer.Browser.OpenAsync($"/{language}/treasury/batches/{(await app.BatchAsync(2)).Id}");
        Assert.Contains(step, room.Text, StringComparison.Ordinal);
        Assert.Contains(link, room.Text, StringComparison.Ordinal);
        Assert.Equal(5, Regex.Count(room.Html, "<summary>"));
    }

    private static string Destination(TxOut output) =>
        TxNullDataTemplate.Instance.ExtractScriptPubKeyParameters(output.ScriptPubKey) is { } data ? Convert.ToHexStringLower(data[0]) : output.ScriptPubKey.GetDestinationAddress(Network.RegTest)!.ToString();
}
