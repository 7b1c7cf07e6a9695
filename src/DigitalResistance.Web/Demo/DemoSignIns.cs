using System.Globalization;
using System.Text;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Hosting;
using DigitalResistance.Web.Localization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Demo;

/// <summary>
/// How to sign in as anybody of the story. It goes to the console only, where whoever started the demo sits: a page would show it
/// to everybody who can reach this machine. Codes change every half minute, so Enter prints new ones.
/// </summary>
internal sealed class DemoSignIns(DemoWorld world, IStringLocalizer<DemoTexts> texts, IOptions<SiteOptions> site, TimeProvider time)
{
    /// <summary>Prints everybody, or those of one role.</summary>
    public void Print(DemoRole? role = null)
    {
        var table = new StringBuilder().AppendLine();
        foreach (var person in world.People.Where(p => role is null || p.Role == role).OrderBy(p => p.Role).ThenBy(p => p.Number))
        {
            var who = $"{texts[$"Role.{person.Role}"]} {person.Number}";
            table.AppendLine(string.Create(CultureInfo.InvariantCulture, $"    {who,-12}  {person.AccountId}   {person.Password,-25}{Codes(person)}"));
        }

        table.AppendLine().Append("    ").AppendLine(texts["SignIn.Where", $"{site.Value.PublicOrigin}/account/sign-in"]);
        table.Append("    ").AppendLine(texts["SignIn.Codes"]);
        DemoStory.Whisper(table.ToString());
    }

    /// <summary>Prints them again whenever somebody presses Enter.</summary>
    public async Task PrintOnEnterAsync(CancellationToken cancellation)
    {
        while (await Task.Run(Console.In.ReadLine, cancellation) is not null) Print();
        // There is nobody at the console.
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    /// <summary>The present code and the next, which is good already: one to sign in with, one for what asks for a fresh one.</summary>
    private string Codes(DemoPerson person)
    {
        if (person.TotpSecret is not { } secret) return "";
        var step = Totp.StepOf(time.GetUtcNow());
        return $"  {texts["SignIn.Code", Totp.Code(secret, step), Totp.Code(secret, step + 1)]}";
    }
}
