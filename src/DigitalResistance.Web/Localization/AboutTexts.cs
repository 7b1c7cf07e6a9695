namespace DigitalResistance.Web.Localization;

/// <summary>Texts around what the instance file says: the pages about, contact and abuse.</summary>
public sealed class AboutTexts;
