using System.Runtime.CompilerServices;

// Every signature of the raw layer is blittable: nothing is converted, and the marshaller is not even linked.
[assembly: DisableRuntimeMarshalling]
