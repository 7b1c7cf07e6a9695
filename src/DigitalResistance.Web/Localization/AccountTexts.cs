namespace DigitalResistance.Web.Localization;

/// <summary>Texts of making an account, signing in, and what an account can change about itself.</summary>
public sealed class AccountTexts;
