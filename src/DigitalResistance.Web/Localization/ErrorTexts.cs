namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the error pages: a title and a sentence by status.</summary>
public sealed class ErrorTexts;
