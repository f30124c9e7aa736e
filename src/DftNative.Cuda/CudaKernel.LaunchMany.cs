namespace DftNative.Cuda;

/// <content>Launches with 13 to 20 parameters.</content>
public sealed unsafe partial class CudaKernel
{
    /// <summary>Queues a launch with 13 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12,
        T13 argument13)
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
        where T13 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12), sizeof(T13)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12, &argument13,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 14 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12,
        T13 argument13, T14 argument14)
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
        where T13 : unmanaged
        where T14 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12), sizeof(T13), sizeof(T14)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12, &argument13, &argument14,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 15 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12,
        T13 argument13, T14 argument14, T15 argument15)
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
        where T13 : unmanaged
        where T14 : unmanaged
        where T15 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12), sizeof(T13), sizeof(T14), sizeof(T15)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12, &argument13, &argument14, &argument15,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 16 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12,
        T13 argument13, T14 argument14, T15 argument15, T16 argument16)
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
        where T13 : unmanaged
        where T14 : unmanaged
        where T15 : unmanaged
        where T16 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12), sizeof(T13), sizeof(T14), sizeof(T15), sizeof(T16)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12, &argument13, &argument14, &argument15, &argument16,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 17 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12,
        T13 argument13, T14 argument14, T15 argument15, T16 argument16, T17 argument17)
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
        where T13 : unmanaged
        where T14 : unmanaged
        where T15 : unmanaged
        where T16 : unmanaged
        where T17 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12), sizeof(T13), sizeof(T14), sizeof(T15), sizeof(T16), sizeof(T17)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12, &argument13, &argument14, &argument15, &argument16, &argument17,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 18 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12,
        T13 argument13, T14 argument14, T15 argument15, T16 argument16, T17 argument17, T18 argument18)
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
        where T13 : unmanaged
        where T14 : unmanaged
        where T15 : unmanaged
        where T16 : unmanaged
        where T17 : unmanaged
        where T18 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12), sizeof(T13), sizeof(T14), sizeof(T15), sizeof(T16), sizeof(T17),
            sizeof(T18)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12, &argument13, &argument14, &argument15, &argument16, &argument17,
            &argument18,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 19 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12,
        T13 argument13, T14 argument14, T15 argument15, T16 argument16, T17 argument17, T18 argument18, T19 argument19)
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
        where T13 : unmanaged
        where T14 : unmanaged
        where T15 : unmanaged
        where T16 : unmanaged
        where T17 : unmanaged
        where T18 : unmanaged
        where T19 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12), sizeof(T13), sizeof(T14), sizeof(T15), sizeof(T16), sizeof(T17),
            sizeof(T18), sizeof(T19)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12, &argument13, &argument14, &argument15, &argument16, &argument17,
            &argument18, &argument19,
        };
        Launch(configuration, parameters);
    }

    /// <summary>Queues a launch with 20 arguments.</summary>
    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20>(
        in LaunchConfiguration configuration, T1 argument1, T2 argument2, T3 argument3, T4 argument4, T5 argument5,
        T6 argument6, T7 argument7, T8 argument8, T9 argument9, T10 argument10, T11 argument11, T12 argument12,
        T13 argument13, T14 argument14, T15 argument15, T16 argument16, T17 argument17, T18 argument18, T19 argument19,
        T20 argument20)
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
        where T13 : unmanaged
        where T14 : unmanaged
        where T15 : unmanaged
        where T16 : unmanaged
        where T17 : unmanaged
        where T18 : unmanaged
        where T19 : unmanaged
        where T20 : unmanaged
    {
        CheckParameters([
            sizeof(T1), sizeof(T2), sizeof(T3), sizeof(T4), sizeof(T5), sizeof(T6), sizeof(T7), sizeof(T8), sizeof(T9),
            sizeof(T10), sizeof(T11), sizeof(T12), sizeof(T13), sizeof(T14), sizeof(T15), sizeof(T16), sizeof(T17),
            sizeof(T18), sizeof(T19), sizeof(T20)]);
        void** parameters = stackalloc void*[]
        {
            &argument1, &argument2, &argument3, &argument4, &argument5, &argument6, &argument7, &argument8, &argument9,
            &argument10, &argument11, &argument12, &argument13, &argument14, &argument15, &argument16, &argument17,
            &argument18, &argument19, &argument20,
        };
        Launch(configuration, parameters);
    }
}
