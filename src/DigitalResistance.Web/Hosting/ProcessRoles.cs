namespace DigitalResistance.Web.Hosting;

/// <summary>
/// What this process does (section <c>Roles</c>): everything by default, so that one process is a whole installation.
/// A web replica sets <c>Roles:Work</c> to false, a worker sets <c>Roles:Pages</c> to false and then answers only its health.
/// </summary>
/// <param name="Pages">Serve pages and the API.</param>
/// <param name="Work">Run the periodic passes.</param>
public sealed record ProcessRoles(bool Pages, bool Work)
{
    internal static ProcessRoles From(IConfiguration configuration) =>
        new(configuration.GetValue("Roles:Pages", defaultValue: true), configuration.GetValue("Roles:Work", defaultValue: true));
}
