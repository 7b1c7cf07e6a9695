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
        foreach (var holder in holders)
        {
            await holder.Visitor.OpenAsync("/treasury/ceremony");
            Assert.Equal([.. (await wallet.AddressesAsync()).Take(3), .. (await wallet.ChangeAddressesAsync()).Take(3)], await holder.Visitor.ReadAllAsync("ol li code"));
            // What is left, in the descriptor's order: the first of it is this holder's.
            await holder.Visitor.Page.SelectOptionAsync("#Mine", new Microsoft.Playwright.SelectOptionValue { Index = 1 });
            await holder.Visitor.FillAsync("#ConfirmCode", await holder.Authenticator!.NextCodeAsync());
            await holder.Visitor.SubmitAsync("[action*='handler=Confirm']");
        }
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
    public static async Task OpenRoundAsync(this Member admin, DateTimeOffset starts, DateTimeOffset ends, long budget)
    {
        // As Chromium writes it back: without the seconds where there are none.
        static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString(at.Second == 0 ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var visitor = admin.Visitor;
        await visitor.OpenAsync("/admin/rounds/edit");
        await visitor.FillAsync("#Input_Starts", Moment(starts));
        await visitor.FillAsync("#Input_Ends", Moment(ends));
        await visitor.FillAsync("#Input_Budget", $"{budget}");
        await visitor.FillAsync("#Input_CapPercent", "60");
        await visitor.FillAsync("#Input_Floor", "10000");
        await visitor.FillAsync("#Input_Step", "1000");
        await visitor.FillAsync("#Input_MaxFee", "50000");
        await visitor.FillAsync("#Input_MaxFeeRate", "50");
        // What it would pay is shown before it can be saved.
        await visitor.SubmitAsync(":has(#Input_Budget)");
        await visitor.SubmitAsync(":has(#Input_Budget)");
        await visitor.SubmitAsync("[action*='handler=Open']");
    }

    /// <summary>Freezes as soon as that is possible, and computes the amounts.</summary>
    public static async Task FreezeAndAllocateAsync(this Member admin, int round)
    {
        await admin.Visitor.WaitForAsync($"/admin/rounds/{round}", "form[action*='handler=Freeze']");
        await admin.Visitor.SubmitAsync("[action*='handler=Freeze']");
        await admin.Visitor.SubmitAsync("[action*='handler=Allocate']");
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
        await treasurer.Visitor.WaitForAsync($"/treasury/rounds/{round}", "a[href*='/treasury/batches/']");
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
