using DigitalResistance.IntegrationTests.Peers;

namespace DigitalResistance.BrowserTests;

/// <summary>The product as an administrator runs it: a process with settings from environment and files, met by a real browser.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Chromium_reads_the_first_page_without_javascript()
    {
        await using var web = await WebPeer.StartAsync(new Dictionary<string, string>());
        var page = await Browser.VisitAsync(web.Origin);
        var answer = await page.GotoAsync("/ru");
        Assert.Equal(200, answer!.Status);
        Assert.Equal("ru", await page.GetAttributeAsync("html", "lang"));
        Assert.NotEmpty(await page.InnerTextAsync("main"));
    }

    [Fact]
    public async Task A_killed_process_comes_back_at_the_same_address_on_the_same_data()
    {
        await using var web = await WebPeer.StartAsync(new Dictionary<string, string>());
        var before = Directory.GetFiles(web.DataFolder, "*.db").Order().ToArray();
        Assert.NotEmpty(before);
        await web.InterruptAsync();
        await web.ResumeAsync();
        var page = await Browser.VisitAsync(web.Origin);
        Assert.Equal(200, (await page.GotoAsync("/health/ready"))!.Status);
        Assert.Equal(before, Directory.GetFiles(web.DataFolder, "*.db").Order().ToArray());
    }

    [Fact]
    public async Task Settings_may_be_files_as_containers_mount_secrets()
    {
        var secrets = Directory.CreateTempSubdirectory("dr-secrets-");
        await File.WriteAllTextAsync(Path.Combine(secrets.FullName, "Database__ConnectionString"), await PostgresPeer.CreateDatabaseAsync() + "\n", TestContext.Current.CancellationToken);
        await using var web = await WebPeer.StartAsync(new Dictionary<string, string> { ["Secrets__Folder"] = secrets.FullName, ["Database__Provider"] = "postgres" });
        var page = await Browser.VisitAsync(web.Origin);
        Assert.Equal(200, (await page.GotoAsync("/health/ready"))!.Status);
        Assert.Empty(Directory.GetFiles(web.DataFolder, "*.db"));
        secrets.Delete(recursive: true);
    }
}
