from setuptools import setup

setup(
    name="clinic",
    install_requires=["frames==1.0.0", 'pumps>=2.0',
        "wards"],  # three
    tests_require=["checks==3.0"],
)
