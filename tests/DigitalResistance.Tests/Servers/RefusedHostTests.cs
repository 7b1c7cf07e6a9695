using DigitalResistance.Data;
using DigitalResistance.Servers;
using DigitalResistance.Tests.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace DigitalResistance.Tests.Servers;

/// <summary>Outside the demo a site takes no server at an address that is not public: neither loopback nor private, however it is written.</summary>
public sealed class RefusedHostTests(WebApp app)
{
    [Theory]
    [InlineData("This address is private or reserved", "Этот адрес частный", "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.31.255.255", "100.64.0.1", "0.0.0.0", "::1", "fe80::1", "fd00::1")]
    [InlineData("a cloud provider's own service", "облачного провайдера", "169.254.169.254")]
    [InlineData("belongs to a group", "группе", "224.0.0.1")]
    [InlineData("Give the IPv4 address itself.", "IPv4", "::ffff:127.0.0.1", "64:ff9b::7f00:1")]
    [InlineData("This name is not public: it has no dot in it.", "Это имя не публичное", "localhost")]
    [InlineData("This name is never public.", "не бывает публичным", "router.local", "registry.localhost", "printer.home.arpa")]
    [InlineData("Write the address in its usual form", "Запишите адрес", "0x7f000001", "127.1", "2130706433", "0177.0.0.1")]
    public async Task A_host_that_is_not_public_is_refused_in_the_readers_language_and_not_kept(string english, string russian, params string[] hosts)
    {
        using var visitor = app.NewVisitor();
        var person = await app.NewPersonAsync();
        await visitor.SignInAsync(person);
        foreach (var (language, words) in new[] { ("en", english), ("ru", russian) })
        {
            var form = await visitor.OpenAsync($"/{language}/my/servers/new?protocol=socks5");
            foreach (var host in hosts)
            {
                var answer = await visitor.SendAsync(form, "Input.Host", ("Input.Label", "attic"), ("Input.Host", host), ("Input.Port", "1080"));
                Assert.Equal((host, 422), (host, answer.Status));
                Assert.True(answer.Text.Contains(words, StringComparison.Ordinal), $"{host}: {answer.Text}");
            }
        }

        Assert.Equal(0, await app.InScopeAsync(services => services.GetRequiredService<MoneyDb>().Set<Server>().CountAsync(s => s.OwnerId == person.Id)));
    }
}
