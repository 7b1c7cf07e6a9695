using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober.Protocols;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("socks5", "", null, null)]
    [InlineData("socks5", "auth=none", null, null)]
    [InlineData("socks5", "auth=password;username=u;password=p", null, null)]
    [InlineData("socks5", "auth=password;username=u;password= p ", null, null)] // a password may begin and end with a space
    [InlineData("socks5", "auth=password;password=p", "username", SettingProblem.Missing)]
    [InlineData("socks5", "auth=password;username=u", "password", SettingProblem.Missing)]
    [InlineData("socks5", "username=u", "username", SettingProblem.NotApplicable)]
    [InlineData("socks5", "auth=none;password=p", "password", SettingProblem.NotApplicable)]
    [InlineData("socks5", "auth=basic", "auth", SettingProblem.NotAChoice)]
    [InlineData("socks5", "auth=NONE", "auth", SettingProblem.NotAChoice)]
    [InlineData("socks5", "colour=red", "colour", SettingProblem.Unknown)]
    [InlineData("socks5", "auth=password;username=u:v;password=p", null, null)]
    [InlineData("http-connect", "auth=basic;username=u:v;password=p", "username", SettingProblem.BadCharacter)] // RFC 7617 §2
    [InlineData("http-connect", "auth=basic;username=u;password=p:q", null, null)]
    [InlineData("http-connect", "auth=basic;username=u\r\nX: y;password=p", "username", SettingProblem.BadCharacter)]
    [InlineData("http-connect", "auth=basic;username=u;password=p\n", "password", SettingProblem.BadCharacter)]
    [InlineData("socks5", "auth=password;username=u;password=p\u007f", "password", SettingProblem.BadCharacter)]
    public void Each_mistake_names_its_field(string protocol, string raw, string? field, SettingProblem? problem)
    {
        var parsed = Proving.Catalog.Find(protocol)!.Parse(Read(raw));
        if (field is null) Assert.IsType<SettingsParse.Accepted>(parsed);
        else Assert.Equal(new SettingsParse.Rejected(field, problem!.Value), parsed);
    }

    [Theory]
    [InlineData("certificate=public;transport=tcp")]
    [InlineData("certificate=pinned")]
    public void A_choice_that_does_not_apply_says_nothing_since_a_form_cannot_leave_it_empty(string rest)
    {
        var parsed = Assert.IsType<SettingsParse.Accepted>(Proving.Catalog.Find("vless")!.Parse(Read($"id={HonestServers.User};security=none;{rest}")));
        Assert.Equal($"id={HonestServers.User};security=none;transport=tcp", LinkReaderTests.Written(parsed.Settings));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void Lengths_are_counted_in_bytes_on_the_wire(int bytes, bool accepted)
    {
        var password = new string('ж', bytes / 2) + new string('a', bytes % 2);
        var parsed = Proving.Catalog.Find("socks5")!.Parse(Proving.Settings(("auth", "password"), ("username", "u"), ("password", password)));
        Assert.Equal(accepted, parsed is SettingsParse.Accepted);
        if (!accepted) Assert.Equal(new SettingsParse.Rejected("password", SettingProblem.TooLong), parsed);
    }

    [Fact]
    public void Half_a_character_is_none()
    {
        foreach (var broken in new[] { "a\ud83d", "\ude00a", "\ud83d\ud83d" })
        {
            Assert.Equal(
                new SettingsParse.Rejected("password", SettingProblem.BadCharacter),
                Proving.Catalog.Find("socks5")!.Parse(Proving.Settings(("auth", "password"), ("username", "u"), ("password", broken))));
        }

        Assert.IsType<SettingsParse.Accepted>(Proving.Catalog.Find("socks5")!.Parse(Proving.Settings(("auth", "password"), ("username", "u"), ("password", "\ud83d\ude00"))));
    }

    [Fact]
    public void What_is_stored_parses_again_to_the_same_settings()
    {
        var probe = Proving.Catalog.Find("socks5")!;
        var settings = Assert.IsType<SettingsParse.Accepted>(probe.Parse(Read("auth=password;username=u;password=p"))).Settings;
        Assert.True(Assert.IsType<SettingsParse.Accepted>(probe.Parse(settings.Values)).Settings.Matches(settings));
        Assert.False(Assert.IsType<SettingsParse.Accepted>(probe.Parse(Read("auth=password;username=u;password=q"))).Settings.Matches(settings));
    }

    [Fact]
    public void Secrets_are_masked_and_never_printed()
    {
        var probe = Proving.Catalog.Find("socks5")!;
        var settings = Assert.IsType<SettingsParse.Accepted>(probe.Parse(Read("auth=password;username=user;password=hunter2"))).Settings;
        Assert.DoesNotContain("hunter2", settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("user", settings.ToString(), StringComparison.Ordinal);
        Assert.Equal(new Dictionary<string, string> { ["auth"] = "password", ["username"] = "user", ["password"] = "••••••••", ["udp"] = "no" }, settings.Masked(probe.Settings));
    }

    [Fact]
    public void An_empty_choice_is_its_first() =>
        Assert.Equal("none", Assert.IsType<SettingsParse.Accepted>(Proving.Catalog.Find("socks5")!.Parse(Read(""))).Settings["auth"]);

    [Fact]
    public void Minted_credentials_pass_the_protocols_own_check_and_are_never_the_same_twice()
    {
        foreach (var probe in Proving.Catalog.All.OfType<IMintsCredentials>())
        {
            var start = Assert.IsType<SettingsParse.Accepted>(probe.Parse(HonestServers.All[probe.Id].Settings)).Settings;
            var minted = probe.Mint(start);
            var counterfeit = probe.Counterfeit(minted);
            Assert.IsType<SettingsParse.Accepted>(probe.Parse(minted.Values));
            Assert.IsType<SettingsParse.Accepted>(probe.Parse(counterfeit.Values));
            Assert.False(minted.Matches(probe.Mint(start)));
            Assert.False(minted.Matches(counterfeit));
            Assert.All(probe.MintedSettings, name => Assert.NotEmpty(minted[name]));
            Assert.Equal(minted.Values.Keys, counterfeit.Values.Keys);
            Assert.Single(minted.Values, value => counterfeit[value.Key] != value.Value);
        }
    }

    private static Dictionary<string, string> Read(string raw) =>
        raw.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
