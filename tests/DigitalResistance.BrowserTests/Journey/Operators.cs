using System.Text.RegularExpressions;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>What an operator does in the browser.</summary>
internal static partial class Operators
{
    /// <summary>Registers a server on loopback; returns the path of its page.</summary>
    public static async Task<string> RegisterAsync(this Member member, string protocol, string label, int port)
    {
        var visitor = member.Visitor;
        await visitor.OpenAsync($"/my/servers/new?protocol={protocol}");
        await visitor.FillAsync("#Input_Label", label);
        await visitor.FillAsync("#Input_Host", "127.0.0.1");
        await visitor.FillAsync("#Input_Port", $"{port}");
        await visitor.SubmitAsync(":has(#Input_Label)");
        return ServerPath().Match(visitor.Page.Url).Value;
    }

    /// <summary>The user and the password that the registry chose for the proof.</summary>
    public static async Task<(string User, string Password)> MintedAsync(this Member member, string server)
    {
        await member.Visitor.OpenAsync(server);
        var minted = await member.Visitor.ReadAllAsync("#proof-InProtocol dl code");
        return (minted[0], minted[1]);
    }

    /// <summary>Asks the registry to look inside the protocol, and to keep the credentials it chose.</summary>
    public static async Task ProveInProtocolAsync(this Member member, string server)
    {
        await member.Visitor.OpenAsync(server);
        await member.Visitor.Page.CheckAsync("#keep");
        await member.Visitor.SubmitAsync("[action*='handler=Prove']:has(#keep)");
        await member.ExpectMeasuredAsync(server);
    }

    /// <summary>Serves the token as the page says, and asks the registry to look for it.</summary>
    public static async Task ProveByTokenAsync(this Member member, string server, TokenServer tokens)
    {
        await member.Visitor.OpenAsync(server);
        var instructions = TokenInstructions().Match(await member.Visitor.ReadAsync("#proof-HttpToken pre"));
        tokens.Serve(instructions.Groups["path"].Value, instructions.Groups["token"].Value);
        await member.Visitor.SubmitAsync("[action*='handler=Prove']:has(input[value='HttpToken'])");
        await member.ExpectMeasuredAsync(server);
    }

    public static async Task SetPayoutAddressAsync(this Member member, string address)
    {
        await member.Visitor.OpenAsync("/my/payout");
        await member.Visitor.FillAsync("#Address", address);
        await member.Visitor.SubmitAsync(":has(#Address)");
        Assert.Contains(address, await member.Visitor.OpenAsync("/my/payout"), StringComparison.Ordinal);
    }

    /// <summary>The operator's own name in a round.</summary>
    public static async Task<string> TokenAsync(this Member member, int round)
    {
        await member.Visitor.OpenAsync($"/my/grants/{round}");
        return await member.Visitor.ReadAsync("p.lead code");
    }

    /// <summary>Objects to being held.</summary>
    public static async Task ObjectAsync(this Member member, int round, string why)
    {
        await member.Visitor.OpenAsync($"/my/grants/{round}");
        await member.Visitor.FillAsync("#Objecting", why);
        await member.Visitor.SubmitAsync(":has(#Objecting)");
    }

    /// <summary>A proven server hides its proof behind "prove again"; one that waits or failed does not.</summary>
    private static async Task ExpectMeasuredAsync(this Member member, string server)
    {
        var text = await member.Visitor.OpenAsync(server);
        Assert.True(await member.Visitor.SeesAsync("details #proof"), text);
    }

    [GeneratedRegex("/my/servers/[0-9a-f-]{36}")]
    private static partial Regex ServerPath();

    [GeneratedRegex(@"printf %s (?<token>\S+) > www(?<path>\S+)")]
    private static partial Regex TokenInstructions();
}
