using DftNative.Demo;

namespace DftNative.Tests.Demo;

public sealed class AdditionTaskTests
{
    [TestCase(4827, 1956, "4827+1956=", "7+6+0=13;2+5+1=08;8+9+0=17;4+1+1=06;06783")]
    [TestCase(9999, 9999, "9999+9999=", "9+9+0=18;9+9+1=19;9+9+1=19;9+9+1=19;19998")]
    [TestCase(0, 7, "0000+0007=", "0+7+0=07;0+0+0=00;0+0+0=00;0+0+0=00;00007")]
    public void ASumIsWorkedColumnByColumn(int left, int right, string prompt, string solution)
    {
        var problem = new AdditionProblem(left, right);

        Assert.Multiple(() =>
        {
            Assert.That(problem.Prompt, Is.EqualTo(prompt));
            Assert.That(WorkedAddition.Solve(problem), Is.EqualTo(solution).And.Length.EqualTo(WorkedAddition.Length));
            Assert.That(WorkedAddition.IsCorrect(problem, solution));
            Assert.That(WorkedAddition.Annotate(problem, solution).Select(step => step.IsWrong), Is.All.False);
        });
    }

    [Test]
    public void WithoutWrongStepsEveryDemonstrationIsRight()
    {
        for (var i = 0; i < 500; i++)
        {
            var (problem, solution) = AdditionTask.Demonstrate(3, i, wrongStepShare: 0);
            Assert.That(WorkedAddition.IsCorrect(problem, solution), solution);
        }
    }

    [Test]
    public void TheShareOfWrongStepsIsAsAskedAndAWrongStepIsGoneOnFrom()
    {
        const int Count = 4000;
        var wrong = 0;
        for (var i = 0; i < Count; i++)
        {
            var (problem, solution) = AdditionTask.Demonstrate(11, i, wrongStepShare: 0.15);
            var steps = WorkedAddition.Annotate(problem, solution);
            wrong += steps.Take(AdditionProblem.ColumnCount).Count(step => step.IsWrong);
            for (var column = 1; column < AdditionProblem.ColumnCount; column++)
                Assert.That(steps[column].Text[4], Is.EqualTo(steps[column - 1].Text[6]), "The carry is the sum's that was written.");
            var digits = string.Concat(steps.Take(AdditionProblem.ColumnCount).Reverse().Select(step => step.Text[7]));
            Assert.That(steps[^1].Text, Is.EqualTo(steps[AdditionProblem.ColumnCount - 1].Text[6] + digits));
        }

        // 16000 draws: four standard errors are 1.1 points.
        Assert.That(wrong / (double)(Count * AdditionProblem.ColumnCount), Is.EqualTo(0.15).Within(0.0113));
    }

    [Test]
    public void DemonstrationsNeverShowAHeldOutProblem()
    {
        var heldOut = AdditionTask.DrawHeldOut(5, 400);

        Assert.Multiple(() =>
        {
            Assert.That(heldOut, Is.Unique);
            Assert.That(heldOut.Select(problem => problem.IsHeldOut), Is.All.True);
            Assert.That(Enumerable.Range(0, 2000).Select(i => AdditionTask.Demonstrate(5, i, 0.15).Problem.IsHeldOut), Is.All.False);
        });
    }

    [Test]
    public void ASeedDecidesEverythingAndAnotherGivesOthers()
    {
        static (AdditionProblem, string)[] Demonstrations(ulong seed) => [.. Enumerable.Range(0, 50).Select(i => AdditionTask.Demonstrate(seed, i, 0.15))];
        var (demonstrations, again, others) = (Demonstrations(1), Demonstrations(1), Demonstrations(2));
        var (heldOut, heldOutAgain, otherHeldOut) = (AdditionTask.DrawHeldOut(1, 50), AdditionTask.DrawHeldOut(1, 50), AdditionTask.DrawHeldOut(2, 50));
        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(demonstrations));
            Assert.That(demonstrations, Is.Unique);
            Assert.That(others.Intersect(demonstrations), Is.Empty);
            Assert.That(heldOutAgain, Is.EqualTo(heldOut));
            Assert.That(otherHeldOut.Intersect(heldOut), Is.Empty);
        });
    }

    [Test]
    public void TheSameDemonstrationsComeWithEveryVersion() =>
        Assert.That(AdditionTask.Demonstrate(0, 0, 0.15), Is.EqualTo((new AdditionProblem(8805, 3620), "5+0+0=05;0+2+0=02;8+6+0=14;8+3+1=08;08425")));

    [TestCase("7+6+0=13;2+5+1=08;8+9+0=17;4+1+1=06;06783", true)]
    [TestCase("9+9+9=99;06783", true, Description = "Steps do not count.")]
    [TestCase("7+6+0=13;2+5+1=08;8+9+0=17;4+1+1=06;06784", false)]
    [TestCase("7+6+0=13;2+5+1=08;8+9+0=17;4+1+1=06;0678", false)]
    [TestCase("7+6+0=13;2+5+1=08;8+9+0=17;4+1+1=06;067833", false)]
    [TestCase("06783", false, Description = "No worked step.")]
    [TestCase("", false)]
    public void OnlyTheResultIsGraded(string solution, bool expected) =>
        Assert.That(WorkedAddition.IsCorrect(new AdditionProblem(4827, 1956), solution), Is.EqualTo(expected));

    [Test]
    public void WrongStepsAreMarkedAndRightOnesAfterAWrongCarryAreNot()
    {
        var steps = WorkedAddition.Annotate(new AdditionProblem(4827, 1956), "7+6+0=03;2+5+0=07;8+9=1;4+1+1=06;06773");

        Assert.That(steps, Is.EqualTo(new[] { ("7+6+0=03;", true), ("2+5+0=07;", false), ("8+9=1;", true), ("4+1+1=06;", false), ("06773", true) }));
    }
}
