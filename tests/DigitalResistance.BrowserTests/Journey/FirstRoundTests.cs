using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>
/// The first round by people who have never seen the site, in Russian, from an empty database: three admins, three holders of Electrum wallets, a
/// rehearsal on the node, five operators of whom one is held and objects, a founding round to its end, and the next one open since that instant.
/// </summary>
public sealed class FirstRoundTests
{
    private const long Gift = 60_000_000, Budget = 20_000_000, Deposit = 100_000;

    // As founding rules are, but for times that a test can wait: two fair shares at most, one signature, objections in time, the first three rounds.
    private const string Policy = """
        {
          "name": "founding-journey", "slotSeconds": 3, "windowSeconds": 15, "windowCoveragePpm": 500000, "minVantages": 1,
          "buckets": [{ "fromPpm": 750000, "weight": 1000 }],
          "tenure": [{ "fromHours": 0, "factorPpm": 1000000 }], "tenureProbes": 5, "presence": [{ "fromPpm": 1, "factorPpm": 1000000 }],
          "capFairShares": 2, "firstRounds": 3,
          "serversPerAddress": 1000, "serversPerNetwork": 1000, "addressCoolingOffSeconds": 0, "objectionSeconds": 45, "creditDays": 30,
          "eligibility": "automatic", "approvalsNeeded": 2, "maxSignedInApprovals": 1, "canarySharePpm": 1000000
        }
        """;

    [Fact]
    public async Task Three_friends_set_up_a_site_rehearse_review_pay_their_first_round_and_the_next_has_begun()
    {
        await using var world = await JourneyWorld.StartAsync("sqlite", Policy);
        var origin = world.Web.Origin;

        // Set-up: the console's link, key holders and a second admin by the first alone, the third admin by both.
        var anna = await Member.JoinAsync(origin, world.Web.SetupLink, "ru");
        Member[] holders = [await anna.InviteAsync(origin, "treasurer"), await anna.InviteAsync(origin, "treasurer"), await anna.InviteAsync(origin, "treasurer")];
        var boris = await anna.InviteAsync(origin, "admin");
        var vera = await anna.InviteTogetherAsync(origin, "admin", boris);
        await using var key = await SshKeygen.CreateAsync();
        await boris.EnrolKeyAsync(key);
        await anna.ConfirmKeyAsync(key);

        // The treasury, and its rehearsal by two of the three wallets. Until then nobody is given an address.
        await holders.MakeTreasuryAsync(world.Treasury);
        var donor = await Visitor.ComeAsync(origin, "ru");
        await donor.OpenAsync("/donate");
        Assert.False(await donor.SeesAsync("[name=Token]"));
        await holders.RehearseAsync(world, Deposit);
        world.Web.BackUp();
        await anna.OpenSiteAsync();

        await donor.OpenAsync("/donate");
        await donor.SubmitAsync(":has([name=Token])");
        await world.Node.FundAsync((await donor.ReadAsync("pre.copy")).Trim(), Gift);
        await world.Node.MineAsync(3);
        await donor.WaitForAsync("/ledger?kind=donation.confirmed", "table tbody tr");

        // Five operators, and a founding round that the next one follows.
        var addresses = await world.Operators.AddressesAsync();
        var operators = new List<Member>();
        await using var servers = new MicrosocksPark();
        for (var i = 0; i < 5; i++)
        {
            operators.Add(await Member.JoinAsync(origin, language: "ru"));
            await operators[i].SetPayoutAddressAsync(addresses[i]);
            await servers.ServeAsync(operators[i]);
        }

        var starts = NextWindow(DateTimeOffset.UtcNow.AddSeconds(8));
        await anna.OpenRoundAsync(starts, starts.AddSeconds(60), Budget, cap: "5", next: "SameLength");
        await anna.FreezeAsync(1);

        // One is held before the amounts, objects when it may, and two admins who did not decide say no.
        var held = await operators[2].TokenAsync(1);
        await anna.HoldAsync(1, held);
        await anna.AllocateAsync(1);
        await operators[2].ObjectAsync(1, "Наши серверы стоят в разных местах.");
        await boris.JudgeAsync(1, held, "Dismissed");
        await vera.JudgeAsync(1, held, "Dismissed");

        // Approved by a signature and a code once objections are over; paid by the wallets that rehearsed, and by the one that did not.
        await anna.Visitor.WaitForAsync("/admin/rounds/1", "form[action*='handler=SignedIn']");
        await anna.ApproveSignedInAsync(1);
        await boris.ApproveBySignatureAsync(1, key);
        var batch = await holders[0].BuildAsync(1);
        var psbt = await holders[0].DownloadPsbtAsync(batch);
        await holders[0].UploadAsync(batch, await world.Treasury.SignAsync(0, psbt));
        await holders[2].UploadAsync(batch, await world.Treasury.SignAsync(2, psbt));
        await world.BroadcastAsync();
        await world.Node.MineAsync(6);
        await donor.WaitForAsync("/ledger?kind=round.closed", "table tbody tr");

        for (var i = 0; i < 5; i++) Assert.Equal(i == 2 ? 0 : Budget / 5, await world.Node.HeldAsync(addresses[i]));
        // Since the instant at which the first one's time ended, the second one runs; what was held is a credit that it brings along.
        await donor.OpenAsync("/rounds/2");
        Assert.Contains($"{starts.AddSeconds(60):yyyy-MM-dd HH:mm}", await donor.ReadAsync("p"), StringComparison.Ordinal);
        var lines = await donor.CsvAsync("/ledger.csv");
        Assert.Equal([Deposit], lines.Where(l => l["type"] == "treasury.received").Select(l => l.Sats("amount_sat")));
        Assert.Equal([Gift], lines.Where(l => l["type"] == "donation.confirmed").Select(l => l.Sats("amount_sat")));
        Assert.Equal([Budget / 5], lines.Where(l => l["type"] == "credit.added").Select(l => l.Sats("amount_sat")));
        Assert.Equal(lines[0].Sats("balance_sat"), await world.Node.HeldAsync([.. await world.Treasury.AddressesAsync(), .. await world.Treasury.ChangeAddressesAsync()]));
        Assert.Contains((Budget / 5).ToString("N0", Grouped), await operators[2].Visitor.OpenAsync("/my/grants"), StringComparison.Ordinal);
        Member[] all = [anna, boris, vera, .. holders, .. operators];
        Assert.Equal([], donor.Complaints.Concat(all.SelectMany(m => m.Visitor.Complaints)));
    }

    // As pages write satoshi.
    private static readonly System.Globalization.NumberFormatInfo Grouped = new() { NumberGroupSeparator = "\u202f" };

    private static DateTimeOffset NextWindow(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(((at.ToUnixTimeSeconds() / 15) + 1) * 15);
}
