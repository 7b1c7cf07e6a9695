using DigitalResistance.Web.Localization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace DigitalResistance.Web.Pages.Account;

/// <summary>What is wrong with a password, in the reader's language.</summary>
internal static class PasswordMistakes
{
    public static void AddPasswordMistake(this ModelStateDictionary state, string field, string code, IStringLocalizer<AccountTexts> texts) =>
        state.AddModelError(field, code == "PasswordTooShort" ? texts["Password.Short"] : texts["Password.Common"]);

    public static void AddWait(this ModelStateDictionary state, TimeSpan wait, IStringLocalizer<AccountTexts> texts) =>
        state.AddModelError("", texts.Count("Wait", (long)Math.Ceiling(wait.TotalMinutes)));
}
