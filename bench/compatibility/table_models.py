"""Pipelines of scikit-learn, LightGBM and XGBoost, trained on two real tables of the zoo.

credit: a thousand credits, words and numbers, good or bad. letters: printed letters by sixteen numbers, 26 classes."""

import csv
import functools
import pathlib
import sys

import numpy as np

from case import Model

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

FAMILY = "tables"


@functools.cache
def credit():
    """(names and columns but the last, the last): words as arrays of objects, numbers as float32."""
    from program import fetched

    [path] = fetched("credit-g")
    lines = path.read_text().splitlines()
    names = [line.split()[1] for line in lines if line.startswith("@attribute")]
    numeric = [line.endswith("numeric") for line in lines if line.startswith("@attribute")]
    rows = list(csv.reader(lines[lines.index("@data") + 1 :], quotechar="'"))
    columns = {
        name: np.array([row[i] for row in rows if row], np.float32 if is_number else object).reshape(-1, 1)
        for i, (name, is_number) in enumerate(zip(names, numeric))
    }
    target = columns.pop(names[-1]).reshape(-1).astype(str)
    return columns, target


@functools.cache
def letters():
    from program import fetched

    [path] = fetched("letter-recognition")
    rows = list(csv.reader(path.read_text().splitlines()[:4000]))
    return np.array([row[1:] for row in rows], np.float32), np.array([row[0] for row in rows])


def register_boosting():
    """Teaches skl2onnx the classes of LightGBM and XGBoost, as onnxmltools documents it."""
    import lightgbm
    import xgboost
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes as classes,
        calculate_linear_regressor_output_shapes as numbers,
    )

    choice = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    for kind, name, shapes, convert, options in (
        (lightgbm.LGBMClassifier, "LightGbmLGBMClassifier", classes, convert_lightgbm, choice),
        (lightgbm.LGBMRegressor, "LightGbmLGBMRegressor", numbers, convert_lightgbm, {"split": None}),
        (xgboost.XGBClassifier, "XGBoostXGBClassifier", classes, convert_xgboost, choice),
        (xgboost.XGBRegressor, "XGBoostXGBRegressor", numbers, convert_xgboost, None),
    ):
        update_registered_converter(kind, name, shapes, convert, options=options)


def write(path, fitted, kinds, opset, zipmap):
    from skl2onnx import to_onnx
    from sklearn.base import is_classifier

    register_boosting()
    final = fitted.steps[-1][1] if hasattr(fitted, "steps") else fitted
    options = {"zipmap": zipmap} if is_classifier(fitted) and type(final).__name__ != "LinearSVC" else None
    versions = {"": opset, "ai.onnx.ml": 3}
    made = to_onnx(fitted, initial_types=kinds, options={id(fitted): options} if options else None,
                   target_opset=versions)
    path.write_bytes(made.SerializeToString())


def on_credit(final, words="OneHotEncoder", numbers="StandardScaler", zipmap=False):
    def make(path, opset):
        import pandas
        import sklearn.preprocessing as pre
        from skl2onnx.common.data_types import FloatTensorType, StringTensorType
        from sklearn.compose import ColumnTransformer
        from sklearn.pipeline import make_pipeline

        columns, target = credit()
        of_words = [name for name, column in columns.items() if column.dtype == object]
        of_numbers = [name for name in columns if name not in of_words]
        encode = getattr(pre, words)()
        if words == "OneHotEncoder":
            encode.handle_unknown = "ignore"
        scale = getattr(pre, numbers)()
        model = final()
        boosted = type(model).__module__.startswith("xgboost")
        y = (target == "good").astype(int) if boosted else target
        table = pandas.DataFrame({name: column.reshape(-1) for name, column in columns.items()})
        pipeline = make_pipeline(ColumnTransformer([("w", encode, of_words), ("n", scale, of_numbers)],
                                                   sparse_threshold=0), model)
        pipeline.fit(table, y)
        kinds = [(n, (StringTensorType if n in of_words else FloatTensorType)([None, 1])) for n in columns]
        write(path, pipeline, kinds, opset, zipmap)

        def inputs(seed, size):
            rows = slice(100 * seed, 100 * seed + (7 if size else 60))
            return {name: column[rows].astype(str) if column.dtype == object else column[rows]
                    for name, column in columns.items()}

        return inputs

    return make


def on_letters(*steps, zipmap=False, regression=False, trained_on=3000):
    """Steps are functions that make an estimator; in regression the first number is told from the others."""

    def make(path, opset):
        from skl2onnx.common.data_types import FloatTensorType
        from sklearn.pipeline import make_pipeline

        table, target = letters()
        made = [step() for step in steps]
        if regression:
            table, target = table[:, 1:], table[:, 0]
        elif type(made[-1]).__module__.startswith("xgboost"):
            target = np.unique(target, return_inverse=True)[1]
        pipeline = made[0] if len(made) == 1 else make_pipeline(*made)
        pipeline.fit(table[:trained_on], target[:trained_on])
        write(path, pipeline, [("table", FloatTensorType([None, table.shape[1]]))], opset, zipmap)

        def inputs(seed, size):
            start = 3000 + 200 * seed
            return {"table": table[start : start + (7 if size else 100)]}

        return inputs

    return make


def of(module, name, *arguments, **options):
    """A function that makes `module.name(...)`, so that only the rows that need a package import it."""

    def make():
        return getattr(__import__(module, fromlist=[name]), name)(*arguments, **options)

    return make


LINEAR, ENSEMBLE, TREE = "sklearn.linear_model", "sklearn.ensemble", "sklearn.tree"
SCALE = of("sklearn.preprocessing", "StandardScaler")
FOREST = {"n_estimators": 20, "random_state": 0}

TABLES = {
    "credit, logistic regression, maps": on_credit(of(LINEAR, "LogisticRegression", max_iter=2000), zipmap=True),
    "credit, random forest": on_credit(of(ENSEMBLE, "RandomForestClassifier", **FOREST), numbers="MinMaxScaler"),
    "credit, gradient boosting": on_credit(of(ENSEMBLE, "GradientBoostingClassifier", **FOREST), "OrdinalEncoder"),
    "credit, histogram gradient boosting": on_credit(
        of(ENSEMBLE, "HistGradientBoostingClassifier", max_iter=20, random_state=0), "OrdinalEncoder"),
    "credit, naive Bayes": on_credit(of("sklearn.naive_bayes", "GaussianNB"), numbers="MinMaxScaler"),
    "credit, SVC": on_credit(of("sklearn.svm", "SVC", random_state=0), numbers="RobustScaler"),
    "credit, LightGBM": on_credit(of("lightgbm", "LGBMClassifier", verbose=-1, **FOREST), "OrdinalEncoder"),
    "credit, XGBoost": on_credit(of("xgboost", "XGBClassifier", **FOREST), "OrdinalEncoder"),
    "letters, AdaBoost": on_letters(of(ENSEMBLE, "AdaBoostClassifier", random_state=0)),
    "letters, bagging": on_letters(of(ENSEMBLE, "BaggingClassifier", random_state=0)),
    "letters, decision tree": on_letters(of(TREE, "DecisionTreeClassifier", random_state=0)),
    "letters, extra trees": on_letters(of(ENSEMBLE, "ExtraTreesClassifier", **FOREST)),
    "letters, isolation forest": on_letters(of(ENSEMBLE, "IsolationForest", **FOREST)),
    "letters, k-means": on_letters(of("sklearn.cluster", "KMeans", 8, random_state=0)),
    "letters, k nearest": on_letters(SCALE, of("sklearn.neighbors", "KNeighborsClassifier")),
    "letters, LightGBM, maps": on_letters(of("lightgbm", "LGBMClassifier", verbose=-1, **FOREST), zipmap=True),
    "letters, linear SVC": on_letters(SCALE, of("sklearn.svm", "LinearSVC", random_state=0)),
    "letters, logistic regression": on_letters(SCALE, of(LINEAR, "LogisticRegression", max_iter=500)),
    "letters, perceptron of two layers": on_letters(
        SCALE, of("sklearn.neural_network", "MLPClassifier", (32, 16), max_iter=60, random_state=0)),
    "letters, principal components and LDA": on_letters(
        of("sklearn.decomposition", "PCA", 10, random_state=0),
        of("sklearn.discriminant_analysis", "LinearDiscriminantAnalysis")),
    "letters, QDA": on_letters(of("sklearn.discriminant_analysis", "QuadraticDiscriminantAnalysis", reg_param=0.1)),
    "letters, random forest": on_letters(of(ENSEMBLE, "RandomForestClassifier", **FOREST)),
    "letters, nu-SVC": on_letters(SCALE, of("sklearn.svm", "NuSVC", nu=0.1, random_state=0)),
    "letters, XGBoost": on_letters(of("xgboost", "XGBClassifier", **FOREST)),
    "letters, Gaussian process, regression": on_letters(
        SCALE, of("sklearn.gaussian_process", "GaussianProcessRegressor", random_state=0, alpha=1.0),
        regression=True, trained_on=400),
    "letters, LightGBM, regression": on_letters(of("lightgbm", "LGBMRegressor", verbose=-1, **FOREST), regression=True),
    "letters, polynomials and ridge, regression": on_letters(
        SCALE, of("sklearn.preprocessing", "PolynomialFeatures", 2), of(LINEAR, "Ridge"), regression=True),
    "letters, random forest, regression": on_letters(of(ENSEMBLE, "RandomForestRegressor", **FOREST), regression=True),
    "letters, SVR, regression": on_letters(SCALE, of("sklearn.svm", "SVR"), regression=True),
    "letters, XGBoost, regression": on_letters(of("xgboost", "XGBRegressor", **FOREST), regression=True),
}

MODELS = [Model(name, FAMILY, make, ("skl2onnx",), opsets=(13, 21)) for name, make in TABLES.items()]
