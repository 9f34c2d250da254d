namespace Traffic.Platform;

/// <summary>Called after a commit by whoever appended: wakes subscribers here and in other processes. Never blocks, never throws.</summary>
public interface INudge
{
    /// <param name="stream">Name of the stream.</param>
    /// <param name="position">The new row.</param>
    /// <param name="recent">Its items as objects, handed over to subscribers in this process; null if not kept.</param>
    void Appended(string stream, long position, Array? recent);
}
