using DigitalResistance.Accounts;
using DigitalResistance.Returns;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>What an account is and what can be changed about it.</summary>
public sealed class IndexModel(
    Sessions sessions, RecoveryCodes codes, ReturnDeciding returns, UserManager<DigitalResistance.Accounts.Account> accounts, IStringLocalizer<AccountTexts> texts, IStringLocalizer<ReturnTexts> words) : PageModel
{
    public AccountId AccountId { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public bool HasAuthenticator { get; private set; }

    public int CodesLeft { get; private set; }

    public IReadOnlyList<string> RoleNames { get; private set; } = [];

    /// <summary>What others ask about this account.</summary>
    public IReadOnlyList<ReturnWarning> Returns { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var account = await sessions.CurrentAsync(cancellation);
        (AccountId, CreatedAt, HasAuthenticator) = (account.AccountId, account.CreatedAt, account.TwoFactorEnabled);
        CodesLeft = await codes.LeftAsync(account.Id, cancellation);
        RoleNames = [.. Roles.All.Where(User.IsInRole)];
        Returns = await returns.WarningsAsync(account.Id, cancellation);
    }

    /// <summary>Whoever asks to be let in is somebody else.</summary>
    public async Task<IActionResult> OnPostStopReturnAsync(CancellationToken cancellation)
    {
        this.Notify(await returns.StopAsync(User.AccountId(), cancellation) ? words["Stopped"] : words["Nothing"]);
        return RedirectToPage();
    }

    /// <summary>Ends every session of this account; this one goes on.</summary>
    public async Task<IActionResult> OnPostEverywhereAsync(CancellationToken cancellation)
    {
        var account = await sessions.CurrentAsync(cancellation);
        await accounts.UpdateSecurityStampAsync(account);
        await sessions.RenewAsync(account);
        this.Notify(texts["Everywhere.Done"]);
        return RedirectToPage();
    }
}
