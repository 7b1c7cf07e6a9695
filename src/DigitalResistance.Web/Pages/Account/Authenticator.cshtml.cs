using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using DigitalResistance.Accounts;
using DigitalResistance.Web.Forms;
using DigitalResistance.Web.Html;
using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>
/// Sets up an authenticator app, replaces it, or turns it off. The secret being set up travels with the form, protected and bound to the
/// account; nothing is kept until its first code was right.
/// </summary>
public sealed class AuthenticatorModel(
    Sessions sessions, SignIn signIn, SecondFactor secondFactor, IDataProtectionProvider protection, IOptions<AccountsOptions> options,
    IStringLocalizer<AccountTexts> texts) : PageModel
{
    public bool IsOn { get; private set; }

    /// <summary>Admins and treasurers cannot do without one.</summary>
    public bool IsNeeded => User.IsInRole(Roles.Admin) || User.IsInRole(Roles.Treasurer);

    public string ManualKey { get; private set; } = "";

    public string AppLink { get; private set; } = "";

    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    [BindProperty]
    public Form Input { get; set; } = new();

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Input.Pending = Protect(SecondFactor.NewSecret());
        await ShowAsync(cancellation);
    }

    /// <summary>The QR code of the secret that is being set up.</summary>
    public async Task<IActionResult> OnGetQrAsync(string pending, CancellationToken cancellation)
    {
        if (Unprotect(pending) is not { } secret) return NotFound();
        var account = await sessions.CurrentAsync(cancellation);
        return File(QrPng.Make(LinkOf(secret, account)), "image/png");
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        var secret = Unprotect(Input.Pending);
        if (secret is null)
        {
            // Too old, or of another session: begin again.
            return RedirectToPage();
        }

        if (ModelState.IsValid && await IsProvenAsync(cancellation) is { } account)
        {
            if (await secondFactor.EnableAsync(account, secret, Input.NewCode, cancellation))
            {
                await sessions.RenewAsync(account, secondFactor: true);
                this.Notify(texts["Authenticator.Done"]);
                return Url.IsLocalUrl(ReturnUrl) ? LocalRedirect(ReturnUrl) : RedirectToPage("Index");
            }

            ModelState.AddModelError("Input.NewCode", texts["Authenticator.NewCode.Wrong"]);
        }

        await ShowAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostOffAsync(CancellationToken cancellation)
    {
        ModelState.Remove("Input.NewCode");
        if (IsNeeded) return Forbid();
        if (ModelState.IsValid && await IsProvenAsync(cancellation) is { } account)
        {
            await secondFactor.DisableAsync(account);
            await sessions.RenewAsync(account, secondFactor: false);
            this.Notify(texts["Authenticator.TurnedOff"]);
            return RedirectToPage("Index");
        }

        await ShowAsync(cancellation);
        return Page();
    }

    /// <summary>Password, and the present second factor if there is one: a stolen session must not be able to change who can sign in.</summary>
    private async Task<DigitalResistance.Accounts.Account?> IsProvenAsync(CancellationToken cancellation)
    {
        var account = await sessions.CurrentAsync(cancellation);
        if (!await signIn.ConfirmPasswordAsync(account, Input.Password, cancellation))
        {
            ModelState.AddModelError("Input.Password", texts["Password.Wrong"]);
            return null;
        }

        if (account.TwoFactorEnabled && !await signIn.WithCodeAsync(account, Input.OldCode, cancellation))
        {
            ModelState.AddModelError("Input.OldCode", texts["Code.Refused"]);
            return null;
        }

        return account;
    }

    private async Task ShowAsync(CancellationToken cancellation)
    {
        var account = await sessions.CurrentAsync(cancellation);
        IsOn = account.TwoFactorEnabled;
        var secret = Unprotect(Input.Pending) ?? SecondFactor.NewSecret();
        (ManualKey, AppLink) = (Totp.ManualKey(secret), LinkOf(secret, account));
    }

    private string LinkOf(byte[] secret, DigitalResistance.Accounts.Account account) => Totp.Uri(secret, options.Value.Issuer, account.AccountId);

    private string Protect(byte[] secret) => Convert.ToBase64String(Protector().Protect(secret, TimeSpan.FromHours(1)));

    private byte[]? Unprotect(string? pending)
    {
        try
        {
            return Protector().Unprotect(Convert.FromBase64String(pending ?? ""));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private ITimeLimitedDataProtector Protector() => protection.CreateProtector("totp.pending.v1", User.AccountId().ToString()).ToTimeLimitedDataProtector();

    public sealed class Form
    {
        public string Pending { get; set; } = "";

        [Required(ErrorMessage = "Password.Missing"), StringLength(200, ErrorMessage = "Password.Long")]
        public string Password { get; set; } = "";

        [StringLength(60, ErrorMessage = "Code.Missing")]
        public string? OldCode { get; set; }

        [Required(ErrorMessage = "Code.Missing"), StringLength(60, ErrorMessage = "Code.Missing")]
        public string NewCode { get; set; } = "";
    }
}
