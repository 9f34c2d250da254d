using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Hosting;

/// <summary>What has time leaves the start to what is asked for then.</summary>
public sealed class OnceServingTests
{
    [Test]
    public async Task Its_work_begins_when_the_program_answers_and_not_before()
    {
        var program = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        using var work = new Work(program);
        await work.StartAsync(default);
        await Task.Delay(300);
        Assert.That(work.Begun.Task.IsCompleted, Is.False);

        program.NotifyStarted();

        await work.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await work.StopAsync(default);
    }

    [Test]
    public async Task A_program_that_is_stopped_before_it_answers_does_not_begin_it()
    {
        var program = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        using var work = new Work(program);
        await work.StartAsync(default);
        await work.StopAsync(default);
        program.NotifyStarted();
        await Task.Delay(300);
        Assert.That(work.Begun.Task.IsCompleted, Is.False);
    }

    sealed class Work(IHostApplicationLifetime program) : OnceServing(program, TimeSpan.Zero)
    {
        public TaskCompletionSource Begun { get; } = new();

        protected override Task DoWork(CancellationToken stoppingToken)
        {
            Begun.SetResult();
            return Task.CompletedTask;
        }
    }
}
