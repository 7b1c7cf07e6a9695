namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the slow way back into an account whose password and codes are lost.</summary>
public sealed class ReturnTexts;
