namespace DigitalResistance.Web.Localization;

/// <summary>Texts of the demo: its page, its banner, and the story on the console.</summary>
public sealed class DemoTexts;
