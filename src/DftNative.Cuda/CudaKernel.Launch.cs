namespace DftNative.Cuda;

/// <summary>
/// Launches by number of parameters. The arguments stay on the stack: the driver copies them before the call returns.
/// </summary>
public sealed unsafe partial class CudaKernel
{
    /// <summary>Queues a launch with one argument.</summary>
    public void Launch<T1>(in LaunchConfiguration configuration, T1 argument1)
        where T1 : unmanaged
    {
        CheckParameters([sizeof(T1)]);
        void** parameters = stackalloc void*[] { &argument1 };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 2 arguments.</summary>
    public void Launch<T1, T2>(in LaunchConfiguration configuration, T1 argument1, T2 argument2)
        where T1 : unmanaged
        where T2 : unmanaged
    {
        CheckParameters([sizeof(T1), sizeof(T2)]);
        void** parameters = stackalloc void*[] { &argument1, &argument2 };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 3 arguments.</summary>
    public void Launch<T1, T2, T3>(in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
    {
        CheckParameters([sizeof(T1), sizeof(T2), sizeof(T3)]);
        void** parameters = stackalloc void*[] { &argument1, &argument2, &argument3 };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 4 arguments.</summary>
    public void Launch<T1, T2, T3, T4>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
    {
        CheckParameters([sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4)]);
        void** parameters = stackalloc void*[] { &argument1, &argument2, &argument3, &argument4 };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 5 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
        where T5 : unmanaged
    {
        CheckParameters([sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5)]);
        void** parameters = stackalloc void*[] { &argument1, &argument2, &argument3, &argument4, &argument5 };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 6 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
        where T5 : unmanaged
        where T6 : unmanaged
    {
        CheckParameters([sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6)]);
        void** parameters = stackalloc void*[] { &argument1, &argument2, &argument3, &argument4, &argument5, &argument6 };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 7 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
        where T5 : unmanaged
        where T6 : unmanaged
        where T7 : unmanaged
    {
        CheckParameters([sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 8 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
        where T5 : unmanaged
        where T6 : unmanaged
        where T7 : unmanaged
        where T8 : unmanaged
    {
        CheckParameters([sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 9 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
        where T5 : unmanaged
        where T6 : unmanaged
        where T7 : unmanaged
        where T8 : unmanaged
        where T9 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 10 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
        where T5 : unmanaged
        where T6 : unmanaged
        where T7 : unmanaged
        where T8 : unmanaged
        where T9 : unmanaged
        where T10 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 11 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
        where T5 : unmanaged
        where T6 : unmanaged
        where T7 : unmanaged
        where T8 : unmanaged
        where T9 : unmanaged
        where T10 : unmanaged
        where T11 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 12 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12)
        where T1 : unmanaged
        where T2 : unmanaged
        where T3 : unmanaged
        where T4 : unmanaged
        where T5 : unmanaged
        where T6 : unmanaged
        where T7 : unmanaged
        where T8 : unmanaged
        where T9 : unmanaged
        where T10 : unmanaged
        where T11 : unmanaged
        where T12 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12,
        };
        Launch(configuration, parameters);
    }
}
