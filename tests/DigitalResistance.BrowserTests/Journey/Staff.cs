using System.Globalization;
using System.Text;
using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>What admins and the treasurer do in the browser.</summary>
internal static class Staff
{
    /// <summary>The key holders make the treasury: the first brings the wallet's descriptor, each says which key is theirs after comparing the addresses that the page shows with the wallet's own.</summary>
    public static async Task AdoptAsync(this IReadOnlyList<Member> holders, ElectrumPeer wallet)
    {
        await holders[0].Visitor.OpenAsync("/treasury/ceremony");
        await holders[0].Visitor.Page.ClickAsync("details:has(#Whole) summary");
        await holders[0].Visitor.FillAsync("#Whole", wallet.Descriptor);
        await holders[0].Visitor.SubmitAsync("[action*='handler=Whole']");
        await holders.ConfirmAsync(wallet);
    }

    /// <summary>The same where each holder brings the key of their own wallet.</summary>
    public static async Task MakeTreasuryAsync(this IReadOnlyList<Member> holders, ElectrumPeer wallet)
    {
        await holders[0].Visitor.OpenAsync("/treasury/ceremony");
        await holders[0].Visitor.FillAsync("#Threshold", "2");
        await holders[0].Visitor.FillAsync("#Size", $"{holders.Count}");
        await holders[0].Visitor.SubmitAsync("[action*='handler=Begin']");
        foreach (var (holder, key) in holders.Zip(wallet.Keys))
        {
            await holder.Visitor.OpenAsync("/treasury/ceremony");
            await holder.Visitor.FillAsync("#Key", key);
            await holder.Visitor.SubmitAsync("[action*='handler=Give']");
        }

        await holders.ConfirmAsync(wallet);
    }

    private static async Task ConfirmAsync(this IReadOnlyList<Member> holders, ElectrumPeer wallet)
    {
        foreach (var holder in holders)
        {
            await holder.Visitor.OpenAsync("/treasury/ceremony");
            Assert.Equal([.. (await wallet.AddressesAsync()).Take(3), .. (await wallet.ChangeAddressesAsync()).Take(3)], await holder.Visitor.ReadAllAsync("ol li code"));
            // What is left of a whole descriptor, in its order: the first of it is this holder's.
            if (await holder.Visitor.SeesAsync("#Mine")) await holder.Visitor.Page.SelectOptionAsync("#Mine", new Microsoft.Playwright.SelectOptionValue { Index = 1 });
            await holder.Visitor.FillAsync("#ConfirmCode", await holder.Authenticator!.NextCodeAsync());
            await holder.Visitor.SubmitAsync("[action*='handler=Confirm']");
        }
    }

    /// <summary>A small coin goes to the treasury and back, signed by the first two wallets.</summary>
    public static async Task RehearseAsync(this IReadOnlyList<Member> holders, JourneyWorld world, long deposit)
    {
        var visitor = holders[0].Visitor;
        await visitor.OpenAsync("/treasury/rehearsal");
        await visitor.SubmitAsync("[action*='handler=Address']");
        await world.Node.FundAsync((await visitor.ReadAsync("pre.copy")).Trim(), deposit);
        await world.Node.MineAsync(3);
        foreach (var step in new[] { "[action*='handler=Prepare']", "[action*='handler=Build']" })
        {
            await visitor.WaitForAsync("/treasury/rehearsal", "form" + step);
            await visitor.SubmitAsync(step);
        }

        var batch = await holders[0].BatchAsync("/treasury/rehearsal");
        var psbt = await holders[0].DownloadPsbtAsync(batch);
        for (var signer = 0; signer < 2; signer++) await holders[signer].UploadAsync(batch, await world.Treasury.SignAsync(signer, psbt));
        await world.BroadcastAsync();
        await world.Node.MineAsync(6);
        await visitor.WaitForAsync("/treasury/rehearsal", ".notice.ok");
    }

    /// <summary>Opens the site, as soon as the set-up page finds nothing missing.</summary>
    public static async Task OpenSiteAsync(this Member admin)
    {
        await admin.Visitor.WaitForAsync("/admin/setup", "[action*='handler=Open'] button");
        var text = await admin.Visitor.SubmitAsync("[action*='handler=Open']");
        Assert.False(await admin.Visitor.SeesAsync("[action*='handler=Open']"), text);
    }

    public static async Task EnrolKeyAsync(this Member admin, SshKeygen key)
    {
        await admin.Visitor.OpenAsync("/admin/keys");
        await admin.Visitor.FillAsync("#PublicKey", key.PublicKey);
        await admin.Visitor.FillAsync("#Code", await admin.Authenticator!.NextCodeAsync());
        Assert.Contains("SHA256:", await admin.Visitor.SubmitAsync("[action*='handler=Enrol']"), StringComparison.Ordinal);
    }

    /// <summary>Says yes to another admin's key, by the fingerprint that its owner read out.</summary>
    public static async Task ConfirmKeyAsync(this Member admin, SshKeygen key)
    {
        await admin.Visitor.OpenAsync("/admin/keys");
        var option = Assert.Single(await admin.Visitor.ReadAllAsync("#Motion option"));
        Assert.EndsWith(await key.FingerprintAsync(), option, StringComparison.Ordinal);
        await admin.Visitor.FillAsync("#ConfirmCode", await admin.Authenticator!.NextCodeAsync());
        Assert.Contains("SHA256:", await admin.Visitor.SubmitAsync("[action*='handler=Confirm']"), StringComparison.Ordinal);
    }

    /// <summary>Drafts a round and announces it.</summary>
    public static async Task OpenRoundAsync(this Member admin, DateTimeOffset starts, DateTimeOffset ends, long budget, string cap = "60", string next = "None")
    {
        // As Chromium writes it back: without the seconds where there are none.
        static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString(at.Second == 0 ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var visitor = admin.Visitor;
        await visitor.OpenAsync("/admin/rounds/edit");
        await visitor.FillAsync("#Input_Starts", Moment(starts));
        await visitor.FillAsync("#Input_Ends", Moment(ends));
        await visitor.FillAsync("#Input_Budget", $"{budget}");
        await visitor.FillAsync("#Input_CapPercent", cap);
        await visitor.FillAsync("#Input_Floor", "10000");
        await visitor.FillAsync("#Input_Step", "1000");
        await visitor.FillAsync("#Input_MaxFee", "50000");
        await visitor.FillAsync("#Input_MaxFeeRate", "50");
        await visitor.Page.SelectOptionAsync("#Input_Next", next);
        // What it would pay is shown before it can be saved.
        await visitor.SubmitAsync(":has(#Input_Budget)");
        await visitor.SubmitAsync(":has(#Input_Budget)");
        await visitor.SubmitAsync("[action*='handler=Open']");
    }

    /// <summary>Freezes as soon as that is possible, and computes the amounts.</summary>
    public static async Task FreezeAndAllocateAsync(this Member admin, int round)
    {
        await admin.FreezeAsync(round);
        await admin.AllocateAsync(round);
    }

    public static async Task FreezeAsync(this Member admin, int round)
    {
        await admin.Visitor.WaitForAsync($"/admin/rounds/{round}", "form[action*='handler=Freeze']");
        await admin.Visitor.SubmitAsync("[action*='handler=Freeze']");
    }

    public static async Task AllocateAsync(this Member admin, int round)
    {
        await admin.Visitor.OpenAsync($"/admin/rounds/{round}");
        await admin.Visitor.SubmitAsync("[action*='handler=Allocate']");
    }

    /// <summary>Holds an operator, whom the admin knows by its name in the round only.</summary>
    public static async Task HoldAsync(this Member admin, int round, string token)
    {
        var visitor = admin.Visitor;
        await visitor.OpenAsync($"/admin/rounds/{round}/review");
        await visitor.Page.CheckAsync($"#choose-{token}");
        await visitor.Page.SelectOptionAsync("#Outcome", "Held");
        await visitor.Page.SelectOptionAsync("#Reason", "SameMachine");
        await visitor.FillAsync("form[action*='handler=Decide'] #Code", await admin.Authenticator!.NextCodeAsync());
        await visitor.SubmitAsync("[action*='handler=Decide']");
    }

    /// <summary>Votes on an objection.</summary>
    public static async Task JudgeAsync(this Member admin, int round, string token, string verdict)
    {
        var visitor = admin.Visitor;
        Assert.Contains(token, await visitor.OpenAsync($"/admin/rounds/{round}/review"), StringComparison.Ordinal);
        await visitor.Page.SelectOptionAsync("#Verdict", verdict);
        await visitor.FillAsync("#JudgeCode", await admin.Authenticator!.NextCodeAsync());
        await visitor.SubmitAsync("[action*='handler=Judge']");
    }

    public static async Task ApproveSignedInAsync(this Member admin, int round)
    {
        await admin.Visitor.OpenAsync($"/admin/rounds/{round}");
        await admin.Visitor.FillAsync("form[action*='handler=SignedIn'] #Code", await admin.Authenticator!.NextCodeAsync());
        await admin.Visitor.SubmitAsync("[action*='handler=SignedIn']");
    }

    /// <summary>Downloads the manifest, signs it at home with ssh-keygen and brings the signature; returns the manifest.</summary>
    public static async Task<string> ApproveBySignatureAsync(this Member admin, int round, SshKeygen key)
    {
        await admin.Visitor.OpenAsync($"/admin/rounds/{round}");
        var manifest = await (await admin.Visitor.Page.APIRequest.GetAsync($"/rounds/{round}/manifest.txt")).TextAsync();
        await admin.Visitor.FillAsync("#Signature", await key.SignAsync(manifest));
        await admin.Visitor.SubmitAsync("[action*='handler=Signature']");
        return manifest;
    }

    /// <summary>Builds the payment of a round and returns the path of its only batch.</summary>
    public static async Task<string> BuildAsync(this Member treasurer, int round)
    {
        // Approvals come under a published checkpoint a moment after they are given.
        await treasurer.Visitor.WaitForAsync($"/treasury/rounds/{round}", "form:has(input[type=hidden][name=Target])");
        await treasurer.Visitor.SubmitAsync(":has(input[type=hidden][name=Target])");
        return await treasurer.BatchAsync($"/treasury/rounds/{round}");
    }

    /// <summary>The path of the only batch that a page leads to, once it does.</summary>
    private static async Task<string> BatchAsync(this Member treasurer, string page)
    {
        await treasurer.Visitor.WaitForAsync(page, "a[href*='/treasury/batches/']");
        var link = Assert.Single(await treasurer.Visitor.Page.Locator("main a[href*='/treasury/batches/']").AllAsync());
        var href = (await link.GetAttributeAsync("href"))!;
        return href[href.IndexOf("/treasury", StringComparison.Ordinal)..];
    }

    /// <summary>The PSBT as the page gives it, in base64; asked for again while its ledger entry is not published and the page says so instead.</summary>
    public static async Task<string> DownloadPsbtAsync(this Member treasurer, string batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            await treasurer.Visitor.OpenAsync(batch);
            try
            {
                return Encoding.ASCII.GetString(await treasurer.Visitor.DownloadAsync("[action*='handler=Base64']"));
            }
            catch (TimeoutException) when (attempt < 6)
            {
                // No file came: the answer was the page with its notice.
            }
        }
    }

    public static async Task<string> UploadAsync(this Member treasurer, string batch, string signed)
    {
        await treasurer.Visitor.OpenAsync(batch);
        await treasurer.Visitor.FillAsync("#Pasted", signed);
        return await treasurer.Visitor.SubmitAsync("[action*='handler=Upload']");
    }

    public static async Task<string> UploadInVainAsync(this Member treasurer, string batch, string signed)
    {
        await treasurer.Visitor.OpenAsync(batch);
        await treasurer.Visitor.FillAsync("#Pasted", signed);
        return await treasurer.Visitor.SubmitInVainAsync("[action*='handler=Upload']", 422);
    }
}
