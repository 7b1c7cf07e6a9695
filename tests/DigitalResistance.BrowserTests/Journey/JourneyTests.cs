using System.Text;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Transparency;
using DigitalResistance.Testing;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>
/// The whole of it, once on each engine, with software that nobody here wrote on every side: Chromium, microsocks, dante, tinyproxy, bcoin,
/// Electrum, ssh-keygen. Three operators, five servers of which one dies and one lies, two admins, two signers, a crash in the middle.
/// </summary>
public sealed class JourneyTests
{
    private const long FirstGift = 30_000_000, SecondGift = 12_345_678, Budget = 20_000_000;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Donors_give_operators_serve_admins_approve_signers_sign_and_the_books_agree_with_the_chain(string engine)
    {
        await using var world = await JourneyWorld.StartAsync(engine);
        var origin = world.Web.Origin;

        // The first admin from the console's link; the others by invitation, the treasurers while the first admin is the only one.
        var first = await Member.JoinAsync(origin, world.Web.SetupLink);
        var treasurer = await first.InviteAsync(origin, "treasurer");
        Member[] holders = [treasurer, await first.InviteAsync(origin, "treasurer"), await first.InviteAsync(origin, "treasurer")];
        var second = await first.InviteAsync(origin, "admin");
        await using var key = await SshKeygen.CreateAsync();
        await second.EnrolKeyAsync(key);
        await first.ConfirmKeyAsync(key);
        await holders.AdoptAsync(world.Treasury);
        await world.OpenSiteAsync();

        // Two donors.
        var donor = await Visitor.ComeAsync(origin);
        await GiveAsync(donor, world, FirstGift);
        await GiveAsync(await Visitor.ComeAsync(origin, "ru"), world, SecondGift);
        await world.Node.MineAsync(3);
        await donor.WaitForAsync("/ledger?kind=donation.confirmed", "table tbody tr:nth-child(2)");

        // Three operators with five servers.
        var honest = await Member.JoinAsync(origin);
        var unlucky = await Member.JoinAsync(origin, language: "ru");
        var liar = await Member.JoinAsync(origin);
        var addresses = await world.Operators.AddressesAsync();
        await using var servers = await ServerPark.StartAsync(honest, unlucky, liar, world.Tokens);
        await honest.SetPayoutAddressAsync(addresses[0]);
        await unlucky.SetPayoutAddressAsync(addresses[1]);
        await liar.SetPayoutAddressAsync(addresses[2]);
        await unlucky.ComeBackAsync(origin);

        // A round of a minute; in its middle one server dies.
        var starts = NextWindow(DateTimeOffset.UtcNow.AddSeconds(8));
        await first.OpenRoundAsync(starts, starts.AddSeconds(60), Budget);
        await UntilAsync(starts.AddSeconds(30));
        await servers.Dying.KillAsync();
        await first.FreezeAndAllocateAsync(1);

        // Two admins approve, the second with a signature made at home.
        await first.ApproveSignedInAsync(1);
        var manifest = await second.ApproveBySignatureAsync(1, key);

        // Built, signed by two wallets apart from each other, with a crash between the signatures.
        var batch = await treasurer.BuildAsync(1);
        var psbt = await treasurer.DownloadPsbtAsync(batch);
        await treasurer.UploadInVainAsync(batch, await world.Treasury.SignWithoutKeyAsync(psbt));
        await treasurer.UploadAsync(batch, await world.Treasury.SignAsync(0, psbt));
        await world.Web.InterruptAsync();
        await world.Web.ResumeAsync();
        await treasurer.UploadAsync(batch, await world.Treasury.SignAsync(2, psbt));

        // Broadcast by itself, mined, confirmed, closed.
        var txid = await world.BroadcastAsync();
        await world.Node.MineAsync(6);
        await donor.WaitForAsync("/ledger?kind=round.closed", "table tbody tr");

        Assert.True(servers.Lying.Promises > 0);
        await CheckPaymentsAsync(world, donor, addresses, txid);
        await CheckLedgerAsync(world, donor);
        await CheckAsOutsiderAsync(world, donor, manifest);
        foreach (var visitor in new[] { donor, first.Visitor, second.Visitor, treasurer.Visitor, honest.Visitor, unlucky.Visitor, liar.Visitor }) Assert.Equal([], visitor.Complaints);
    }

    private static async Task GiveAsync(Visitor donor, JourneyWorld world, long satoshis)
    {
        await donor.OpenAsync("/donate");
        await donor.SubmitAsync(":has([name=Token])");
        await world.Node.FundAsync((await donor.ReadAsync("pre.copy")).Trim(), satoshis);
    }

    /// <summary>Each operator got on the chain exactly what the round's page and files say, and the liar nothing.</summary>
    private static async Task CheckPaymentsAsync(JourneyWorld world, Visitor reader, string[] addresses, string txid)
    {
        var rows = await reader.CsvAsync("/rounds/1/rows.csv");
        // Two servers that always carried; one that did and one that was there for half of the time; and no row for the liar.
        Assert.Equal([(2000L, 12_000_000L), (1250L, 7_692_000L)], rows.Select(r => (r.Sats("weight"), r.Sats("amount_sat"))).OrderDescending());
        Assert.Equal(12_000_000, await world.Node.HeldAsync(addresses[0]));
        Assert.Equal(7_692_000, await world.Node.HeldAsync(addresses[1]));
        Assert.Equal(0, await world.Node.HeldAsync(addresses[2]));

        await reader.OpenAsync("/rounds/1");
        Assert.Equal(rows.Select(r => r["amount_sat"]), await reader.ColumnAsync("table:not(.stack):has(td code) tbody tr td:nth-child(3)"));
        var json = (await reader.JsonAsync("/rounds/1/rows.json"))["rows"]!.AsArray();
        Assert.Equal(rows.Select(r => (r["token"], r.Sats("weight"), r.Sats("amount_sat"))), json.Select(r => ((string)r!["token"]!, (long)r["weight"]!, (long)r["amount_sat"]!)));
        Assert.Equal(6, (int)(await world.Node.CallAsync("getrawtransaction", txid, true))!["confirmations"]!);
    }

    /// <summary>The ledger's page, its CSV, its JSON and the chain say the same to the satoshi.</summary>
    private static async Task CheckLedgerAsync(JourneyWorld world, Visitor reader)
    {
        var lines = await reader.CsvAsync("/ledger.csv");
        var balance = lines[0].Sats("balance_sat");
        Assert.Equal(balance, lines.Sum(l => l.Sats("change_sat")));
        Assert.Equal([FirstGift, SecondGift], lines.Where(l => l["type"] == "donation.confirmed").Select(l => l.Sats("change_sat")).OrderDescending());
        var payment = Assert.Single(lines, l => l["type"] == "tx.confirmed");
        Assert.Equal(-payment.Sats("amount_sat") - payment.Sats("fee_sat"), payment.Sats("change_sat"));
        Assert.InRange(payment.Sats("fee_sat"), 200, 50_000);

        var json = (await reader.JsonAsync("/ledger.json"))["lines"]!.AsArray();
        Assert.Equal(
            lines.Select(l => (l.Sats("index"), l["type"], l.Sats("change_sat"), l.Sats("balance_sat"))),
            json.Select(l => ((long)l!["index"]!, (string)l["type"]!, (long)l["change_sat"]!, (long)l["balance_sat"]!)));

        await reader.OpenAsync("/ledger");
        Assert.Equal(lines.Select(l => l["index"]), await reader.ColumnAsync("table.stack tbody td:nth-child(1)"));
        Assert.Equal(lines.Select(l => l["change_sat"]), (await reader.ColumnAsync("table.stack tbody td:nth-child(5)")).Select(cell => cell.Length == 0 ? "0" : cell));
        Assert.Equal(lines.Select(l => l["balance_sat"]), await reader.ColumnAsync("table.stack tbody td:nth-child(6)"));
        Assert.Equal(balance, await world.Node.HeldAsync([.. await world.Treasury.AddressesAsync(), .. await world.Treasury.ChangeAddressesAsync()]));
    }

    /// <summary>The command for outsiders finds nothing wrong, knowing only the site's address, its key and the manifest.</summary>
    private static async Task CheckAsOutsiderAsync(JourneyWorld world, Visitor reader, string manifest)
    {
        await File.WriteAllTextAsync(Path.Combine(world.Folder, "1.txt"), manifest);
        await reader.OpenAsync("/verify");
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var command = Needs.Beside($"src/DigitalResistance.Verify/bin/{configuration}/net10.0/DigitalResistance.Verify.dll");
        var vkey = (await reader.ReadAllAsync("code, pre")).Select(t => System.Text.RegularExpressions.Regex.Match(t, @"[^\s']+\+[0-9a-f]{8}\+[0-9A-Za-z+/=]+")).First(m => m.Success).Value;
        var verdict = await PeerProcess.RunAsync(Needs.Program("dotnet"), [command, world.Web.Origin, vkey, "--manifests", world.Folder]);
        Assert.Matches(@"(?m)^OK", verdict);
        await CheckAgainstNodeAsync(world, command, vkey);
    }

    /// <summary>Compared with the node the log holds; the same log, by another key, with a satoshi more in one donation does not, and the entry is named.</summary>
    private static async Task CheckAgainstNodeAsync(JourneyWorld world, string command, string vkey)
    {
        string[] node = ["--manifests", world.Folder, "--node", new UriBuilder(world.Node.Url) { UserName = world.Node.User, Password = world.Node.Password }.Uri.ToString()];
        var honest = await VerdictAsync([command, world.Web.Origin, vkey, .. node]);
        // This node does not know the one question that finds coins which the log is silent about.
        Assert.Contains("3 entries compared with the chain", honest, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^PARTIAL .*; 1 thing\(s\) could not be checked: whether the treasury has other coins than the log says, which the node cannot tell", honest);

        using var http = new HttpClient { BaseAddress = new Uri(world.Web.Origin) };
        var head = Checkpoint.Open(await http.GetByteArrayAsync(new Uri("/ledger/checkpoint", UriKind.Relative)), [NoteVerifier.Parse(vkey)]);
        var bundle = await http.GetByteArrayAsync(new Uri($"/ledger/{TilePath.Entries(0, (int)head.Size)}", UriKind.Relative));
        var entries = EntryBundle.Read(bundle).Select(e => Encoding.ASCII.GetString(e.Span)).ToList();
        var donation = entries.FindIndex(e => e.Contains("donation.confirmed", StringComparison.Ordinal));
        entries[donation] = System.Text.RegularExpressions.Regex.Replace(entries[donation], "(?<=\"amount_sat\":)[0-9]+", amount => $"{long.Parse(amount.Value, System.Globalization.CultureInfo.InvariantCulture) + 1}");
        var (folder, signer) = (Path.Combine(world.Folder, "forged"), new NoteSigner(head.Origin, System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        var log = LogWriter.Open(new DurableFolder(folder), signer.Verifier);
        foreach (var entry in entries) log.Append(Encoding.ASCII.GetBytes(entry));
        log.Save();
        Assert.True(log.Publish(new Checkpoint(head.Origin, log.Size, log.Root).Sign([signer])));
        Assert.Matches($"(?m)^FAILED: entry {donation}:", await VerdictAsync([command, folder, signer.ToString(), .. node]));
    }

    /// <summary>What the command prints, whatever its exit code.</summary>
    private static async Task<string> VerdictAsync(string[] arguments)
    {
        try
        {
            return await PeerProcess.RunAsync(Needs.Program("dotnet"), arguments);
        }
        catch (InvalidOperationException ended)
        {
            return ended.Message.Replace("ended with 1: ", "\n", StringComparison.Ordinal).Replace("ended with 2: ", "\n", StringComparison.Ordinal);
        }
    }

    private static Task UntilAsync(DateTimeOffset moment) =>
        moment - DateTimeOffset.UtcNow is { Ticks: > 0 } wait ? Task.Delay(wait, TestContext.Current.CancellationToken) : Task.CompletedTask;

    private static DateTimeOffset NextWindow(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(((at.ToUnixTimeSeconds() / 15) + 1) * 15);
}
