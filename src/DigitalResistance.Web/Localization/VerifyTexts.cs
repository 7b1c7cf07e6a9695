namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the page that tells how to check everything.</summary>
public sealed class VerifyTexts;
