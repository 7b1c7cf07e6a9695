namespace DigitalResistance.Web.Localization;

/// <summary>Texts of messages between accounts and admins.</summary>
public sealed class MessageTexts;
