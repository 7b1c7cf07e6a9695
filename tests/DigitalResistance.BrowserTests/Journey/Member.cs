namespace DigitalResistance.BrowserTests.Journey;

/// <summary>Somebody with an account: joins, protects it with an authenticator, signs in.</summary>
internal sealed class Member
{
    private const string Password = "a long walk to the river";

    private Member(Visitor visitor) => Visitor = visitor;

    public Visitor Visitor { get; }

    public string AccountId { get; private set; } = "";

    /// <summary>What makes the second factor's codes; null for those who have none.</summary>
    public Authenticator? Authenticator { get; private set; }

    /// <summary>Joins with an invitation (a whole link, or the code in it), or without one where registration is open.</summary>
    public static async Task<Member> JoinAsync(string origin, string? invitation = null, string language = "en")
    {
        var member = new Member(await Visitor.ComeAsync(origin, language));
        var visitor = member.Visitor;
        await visitor.OpenAsync(invitation is null ? "/account/new" : invitation.StartsWith("http", StringComparison.Ordinal) ? invitation : $"/account/new/{invitation}");
        await visitor.FillAsync("#Input_Password", Password);
        await visitor.FillAsync("#Input_Again", Password);
        await visitor.SubmitAsync(":has(#Input_Password)");
        member.AccountId = await visitor.ReadAsync(".secret");
        Assert.Equal(8, (await visitor.ReadAllAsync("ol.codes li")).Distinct().Count());
        if (invitation is not null) await member.ProtectAsync();
        return member;
    }

    /// <summary>Joins by the invitation that an admin makes for a role.</summary>
    public async Task<Member> InviteAsync(string origin, string role) => await JoinAsync(origin, await ProposeAsync(role), Visitor.Language);

    /// <summary>The same where other admins must agree, who do.</summary>
    public async Task<Member> InviteTogetherAsync(string origin, string role, params Member[] others)
    {
        var code = await ProposeAsync(role);
        foreach (var other in others)
        {
            await other.Visitor.OpenAsync("/admin/people");
            await other.Visitor.FillAsync("#ConfirmCode", await other.Authenticator!.NextCodeAsync());
            await other.Visitor.SubmitAsync("[action*='handler=Confirm']");
        }

        return await JoinAsync(origin, code, Visitor.Language);
    }

    /// <summary>Leaves and comes back with password and code, as from another browser.</summary>
    public async Task ComeBackAsync(string origin)
    {
        var elsewhere = await Visitor.ComeAsync(origin, Visitor.Language);
        await elsewhere.OpenAsync("/account/sign-in");
        await elsewhere.FillAsync("#Input_AccountId", AccountId);
        await elsewhere.FillAsync("#Input_Password", Password);
        await elsewhere.SubmitAsync(":has(#Input_Password)");
        if (Authenticator is { } authenticator)
        {
            await elsewhere.FillAsync("#Input_Code", await authenticator.NextCodeAsync());
            await elsewhere.SubmitAsync(":has(#Input_Code)");
        }

        await elsewhere.OpenAsync("/my");
        await elsewhere.Page.Context.CloseAsync();
    }

    private async Task<string> ProposeAsync(string role)
    {
        await Visitor.OpenAsync("/admin/people");
        await Visitor.Page.SelectOptionAsync("#Role", role);
        await Visitor.FillAsync("#Code", await Authenticator!.NextCodeAsync());
        await Visitor.SubmitAsync("[action*='handler=Propose']");
        return await Visitor.ReadAsync(".secret");
    }

    private async Task ProtectAsync()
    {
        await Visitor.OpenAsync("/account/authenticator");
        Authenticator = new Authenticator(await Visitor.ReadAsync(".secret"));
        await Visitor.FillAsync("#Input_NewCode", await Authenticator.NextCodeAsync());
        await Visitor.FillAsync("#Input_Password", Password);
        await Visitor.SubmitAsync(":has(#Input_NewCode)");
    }
}
